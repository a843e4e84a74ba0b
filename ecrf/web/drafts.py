"""A draft before it is published: what it asks, its faults, what it changes, who approved it; and versions compared."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import access
from core.errors import Conflict, Fault, Invalid
from core.web.views import reads, writes
from ecrf import messages as words
from ecrf import permissions, rights, services
from ecrf.engine.versions import changes
from ecrf.models import Draft, DraftReview, FormVersion
from ecrf.models.forms import reader_language
from ecrf.services.impact import becoming, impact_now, kept_impact
from ecrf.services.people import account
from ecrf.services.reviews import approval_of, needs_approval, worked_on
from ecrf.web import comparing
from ecrf.web.builder_exchange import told
from ecrf.web.faults import placed
from ecrf.web.fields import field_rows
from ecrf.web.places import draft_of, form_of, project_of


@reads
def preview(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """What the draft asks, its faults, what could not be carried over, and what it means for data that exist."""
    found = project_of(request.user, project)
    draft = draft_of(request, found, pk)
    warnings = [Fault(one["place"], one["code"], words.words(one["code"], one["params"])) for one in draft.warnings]
    language = reader_language()
    context = {
        "project": found,
        "draft": draft,
        "digest": draft.digest,
        "problems": [told(one) for one in draft.problems],
        "pages": field_rows(draft.loaded, language) if draft.is_sound else [],
        "fields": len(draft.loaded.items) if draft.is_sound else 0,
        "warnings": [placed(fault.place, fault.message) for fault in warnings],
        "reviews": DraftReview.objects.filter(draft=draft).select_related("by"),
        "approval": approval_of(draft),
        "needs_approval": needs_approval(found),
        "is_own": account(request.user).pk in worked_on(draft),
        **difference(request, draft, language),
    }
    return render(request, "ecrf/draft.html", context)


def difference(request: HttpRequest, draft: Draft, language: str) -> dict[str, Any]:
    """What changes against the published version, and for how many records."""
    if draft.form is None or draft.form.current is None or not draft.is_sound:
        return {}
    before = draft.form.current.loaded
    after = becoming(draft, before)
    found = impact_now(draft)
    counts = found.as_data() if found else kept_impact(draft)
    exact = access.can(request.user, permissions.READ, draft.project)
    return {
        "changes": comparing.rows(changes(before, after), before, after, language),
        "records": draft.form.entries.count(),
        "counts": counts,
        "impact": comparing.impact_rows(counts, (after, before), language, exact=exact) if counts else [],
        "behind": draft.base_id is not None and draft.base_id != draft.form.current_id,
    }


@writes
def publish(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request.user, project)
    draft = draft_of(request, found, pk)
    try:
        version = services.publish_draft(request.user, draft)
    except Conflict as error:
        messages.error(request, str(error.message))
        if error.code == "gone":
            return redirect("ecrf:forms", found.slug)
        return redirect("ecrf:draft", found.slug, draft.pk)
    except Invalid as error:
        messages.error(request, " ".join([str(error.message), *(str(fault.message) for fault in error.faults[:5])]))
        return redirect("ecrf:draft", found.slug, draft.pk)
    messages.success(request, _("Version %(number)s is published.") % {"number": version.number})
    return redirect(version.form)


@writes
def discard(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request.user, project)
    services.discard_draft(request.user, draft_of(request, found, pk))
    messages.success(request, _("The draft is discarded. Nothing else has changed."))
    return redirect("ecrf:forms", found.slug)


@writes
def ask(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Ask for a review of the draft as it is."""
    found = project_of(request.user, project)
    draft = draft_of(request, found, pk)
    try:
        services.ask_for_review(request.user, draft, request.POST.get("note", ""))
        messages.success(request, _("A review is asked for: it stands in the list of drafts."))
    except Conflict as error:
        messages.error(request, str(error.message))
    return redirect("ecrf:draft", found.slug, draft.pk)


@writes
def approve(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Approve the state that the page showed."""
    found = project_of(request.user, project)
    draft = draft_of(request, found, pk)
    try:
        services.approve_draft(request.user, draft, request.POST.get("digest", ""), request.POST.get("note", ""))
        messages.success(request, _("The draft is approved as it is now."))
    except Conflict as error:
        messages.error(request, str(error.message))
    return redirect("ecrf:draft", found.slug, draft.pk)


@writes
def measure(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Count the impact on all records, as a job."""
    found = project_of(request.user, project)
    return redirect("jobs:job", services.measure_impact(request.user, draft_of(request, found, pk)).pk)


@writes
def rule(request: HttpRequest, project: str) -> HttpResponse:
    """Whether forms of the project need an approval."""
    found = project_of(request.user, project)
    services.set_design_rule(request.user, found, needs_approval=request.POST.get("needs_approval") == "on")
    messages.success(request, _("The rule of publishing is saved."))
    return redirect("ecrf:forms", found.slug)


@reads
def compare(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """Two versions of a form side by side: ``?from=1&to=2``; the last two where nothing is said."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    versions = list(
        FormVersion.objects.filter(form=what).select_related("published_by", "form__project", "form__current")
    )
    after = chosen(request, versions, "to") or versions[0]
    before = chosen(request, versions, "from") or (versions[1] if len(versions) > 1 else versions[0])
    old, new = (rights.definition_of(request.user, version) for version in (before, after))
    context = {
        "project": found,
        "form": what,
        "versions": versions,
        "before": before,
        "after": after,
        "changes": comparing.rows(changes(old, new), old, new, reader_language()),
    }
    return render(request, "ecrf/compare.html", context)


def chosen(request: HttpRequest, versions: list[FormVersion], name: str) -> FormVersion | None:
    return next((version for version in versions if str(version.number) == request.GET.get(name)), None)
