"""Import a form: upload, look at what was read, publish."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from core.web.forms import show_faults
from core.web.views import page, reads, writes
from ecrf import messages as words
from ecrf import permissions, services
from ecrf.engine.versions import changes
from ecrf.models import Draft, Form
from ecrf.models.forms import reader_language
from ecrf.web.faults import placed
from ecrf.web.fields import field_rows
from ecrf.web.forms import FormFileForm
from ecrf.web.places import form_of, project_of


@page
def upload(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request.user, project)
    access.require(request.user, permissions.DESIGN, found)
    return answer(request, found, None)


@page
def upload_next(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """The next version of a form that exists."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    access.require(request.user, permissions.DESIGN, found, obj=what)
    return answer(request, found, what)


def answer(request: HttpRequest, project: Project, next_of: Form | None) -> HttpResponse:
    form = FormFileForm(request.POST or None, request.FILES or None, next_version=next_of is not None)
    rows: list[dict[str, Any]] = []
    refusal: Any = ""
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        other = "en" if values["language"] == "fr" else "fr"
        try:
            draft = services.read_form(
                request.user,
                project,
                values["file"],
                title=values.get("title", ""),
                source=form.file_name,
                kind=values["format"] or None,
                language=values["language"],
                translations={other: values["translation"]} if values["translation"] else None,
                ranges=values["ranges"],
                form=next_of,
            )
        except Invalid as error:
            own = [fault for fault in error.faults if fault.place in form.fields]
            rows = [placed(fault.place, fault.message) for fault in error.faults if fault not in own]
            refusal = error.message
            show_faults(form, Invalid(own))
        else:
            return redirect("ecrf:draft", project.slug, draft.pk)
    context = {"project": project, "form": form, "next_of": next_of, "rows": rows, "refusal": refusal}
    return render(request, "ecrf/import.html", context, status=422 if form.errors or rows else 200)


@reads
def preview(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """What was read, what could not be carried over, and what it means for data that exist."""
    found = project_of(request.user, project)
    draft = draft_of(request, found, pk)
    previous = draft.form.current if draft.form else None
    warnings = [Fault(one["place"], one["code"], words.words(one["code"], one["params"])) for one in draft.warnings]
    context = {
        "project": found,
        "draft": draft,
        "pages": field_rows(draft.loaded, reader_language()),
        "fields": len(draft.loaded.items),
        "warnings": [placed(fault.place, fault.message) for fault in warnings],
        "changes": changes(previous.loaded, draft.loaded) if previous else None,
        "records": draft.form.entries.count() if draft.form else 0,
    }
    return render(request, "ecrf/draft.html", context)


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


def draft_of(request: HttpRequest, project: Project, pk: UUID) -> Draft:
    drafts = Draft.objects.filter(project=project).select_related("form__current", "author", "project")
    found: Draft = access.fetch(drafts, request.user, pk=pk)
    return found
