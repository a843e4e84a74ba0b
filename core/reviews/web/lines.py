"""A review as those see it who judge the accesses in it: the list, one by one or many at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import access
from core.access.models import Project
from core.access.services.granting import require_manage
from core.errors import Conflict, Invalid
from core.reviews import queries, services
from core.reviews.models import Campaign, Line
from core.reviews.services import Verdict
from core.reviews.web.campaigns import fetch
from core.reviews.web.forms import RevokeForm
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import BulkAct, Column, Filter, Table
from core.web.views import page, reads, see_other, wants_fragment, writes

IDLE = timedelta(days=90)
COLUMNS = (
    Column("name", gettext_lazy("Person"), sort=("name",), template="reviews/cells/person.html"),
    Column("place", gettext_lazy("Where"), sort=("project__name",)),
    Column("roles", gettext_lazy("Roles"), "role_names", template="reviews/cells/roles.html"),
    Column("last_sign_in", gettext_lazy("Last sign-in"), sort=("last_sign_in",), template="reviews/cells/sign_in.html"),
    Column("factor", gettext_lazy("Second factor"), "second_factor", template="reviews/cells/factor.html"),
    Column("origin", gettext_lazy("Came by"), "get_origin_display", sort=("origin",)),
    Column("ends_at", gettext_lazy("Until"), sort=("ends_at",), template="reviews/cells/until.html"),
    Column("decision", gettext_lazy("Decision"), template="reviews/decision.html", fixed=True),
)


@reads
def campaign(request: Request, pk: UUID) -> HttpResponse:
    """The accesses that one may see, how far it is, and for who oversees it the end and the evidence."""
    found = fetch(request, pk)
    lines = Line.objects.visible_to(request.user).filter(campaign=found)
    judged = queries.judged_places(request.user, found)
    table = Table(
        request,
        lines.select_related("project", "campaign__organisation", "reviewer", "decided_by"),
        [column for column in COLUMNS if column.key != "place" or found.project is None],
        name="accesses",
        caption=_("Accesses"),
        search=("name__icontains", "email__icontains", "project__name__icontains"),
        filters=filters(request, lines),
        acts=() if found.closed_at else (BulkAct(_("Confirm"), confirming(found), icon="check"),),
        order=("name",),
    )
    context = {
        "campaign": found,
        "judged": judged,
        "progress": queries.progress(lines),
        "mine": queries.mine(request.user).filter(campaign=found).count(),
        "here": request.get_full_path(),
        "oversees": queries.oversees(request.user, found),
    }
    return table.respond("reviews/campaign.html", context)


def confirming(found: Campaign) -> str:
    return reverse("reviews:confirm_selected", args=[found.pk])


def filters(request: Request, lines: QuerySet[Line]) -> tuple[Filter, ...]:
    projects = Project.objects.visible_to(request.user).filter(pk__in=lines.values("project")).order_by("name")

    def whose(rows: QuerySet[Any], _value: str) -> QuerySet[Any]:
        return rows.filter(reviewer=request.user)

    return (
        Filter("decision", _("Decision"), Line.Decision.choices),
        Filter("whose", _("Reviewer"), [("mine", _("yours to judge"))], whose),
        Filter("idle", _("Last sign-in"), [("yes", _("more than 90 days ago, or never"))], idle),
        Filter("factor", _("Second factor"), [("False", _("none"))], "second_factor"),
        Filter("origin", _("Came by"), Line.Origin.choices, rare=True),
        Filter("project", _("Project"), [(str(each.pk), str(each)) for each in projects], rare=True),
    )


def idle(rows: QuerySet[Any], _value: str) -> QuerySet[Any]:
    return rows.filter(Q(last_sign_in=None) | Q(last_sign_in__lt=timezone.now() - IDLE))


def fetch_line(request: Request, pk: UUID) -> Line:
    rows = Line.objects.select_related("campaign__organisation", "project__organisation", "reviewer", "decided_by")
    return access.fetch(rows, request.user, pk=pk)


@writes
def confirm(request: Request, pk: UUID) -> HttpResponse:
    """This access stays as it is; to htmx, the cell with what was decided and how far the review is now."""
    line = fetch_line(request, pk)
    try:
        services.decide(request.user, line.campaign, [Verdict(line.pk, Line.Decision.CONFIRMED)])
    except (Conflict, Invalid) as error:
        messages.error(request, said(error))
        return back(request, line.campaign)
    if not wants_fragment(request):
        return back(request, line.campaign)
    context = {
        "row": fetch_line(request, pk),
        "campaign": line.campaign,
        "here": place_to_return(request),
        "judged": queries.judged_places(request.user, line.campaign),
        "progress": queries.progress(Line.objects.visible_to(request.user).filter(campaign=line.campaign)),
    }
    return render(request, "reviews/decided.html", context)


@writes
def confirm_selected(request: Request, pk: UUID) -> HttpResponse:
    """All the selected accesses stay as they are, or none is decided about."""
    found = fetch(request, pk)
    chosen = [Verdict(key, Line.Decision.CONFIRMED) for key in keys(request.POST.getlist("selected"))]
    try:
        services.decide(request.user, found, chosen)
    except (Conflict, Invalid) as error:
        messages.error(request, said(error))
    else:
        words = ngettext("%(count)s access is confirmed.", "%(count)s accesses are confirmed.", len(chosen))
        messages.success(request, words % {"count": len(chosen)})
    return back(request, found)


def keys(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise Http404 from error


@page
def revoke(request: Request, pk: UUID) -> HttpResponseBase:
    """Say why, then the access ends at once."""
    line = fetch_line(request, pk)
    require_manage(request.user, line.place, obj=line.membership)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verdict = Verdict(line.pk, Line.Decision.REVOKED, form.cleaned_data["reason"])
        try:
            services.decide(request.user, line.campaign, [verdict])
        except Invalid as error:
            show_faults(form, Invalid((), said(error)))
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("%(name)s has no access there any more.") % {"name": line.name})
            return back(request, line.campaign)
    context = {"form": form, "line": line, "campaign": line.campaign, "next": place_to_return(request)}
    return render(request, "reviews/revoke.html", context, status=422 if form.errors else 200)


def said(error: Conflict | Invalid) -> str:
    """What a service refused, in sentences."""
    return " ".join(str(fault.message) for fault in getattr(error, "faults", ())) or str(error.message)


def place_to_return(request: Request) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()) else ""


def back(request: Request, found: Campaign) -> HttpResponse:
    """To the list as it was: its filters and its page."""
    return see_other(place_to_return(request) or found.get_absolute_url(), request)
