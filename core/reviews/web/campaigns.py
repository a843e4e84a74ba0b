"""The access reviews that there are, a new one, its end and its evidence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit
from core.access import offices
from core.access.models import Project
from core.access.web import members
from core.access.web.organisations import tabs
from core.errors import Conflict, Invalid
from core.files import streams
from core.reviews import evidence as proof
from core.reviews import queries, services
from core.reviews.models import OVERSEE, Campaign
from core.reviews.services.campaigns import require_oversee
from core.reviews.web.forms import CampaignForm
from core.web.export import csv_file
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, writes

COLUMNS = (
    Column("name", gettext_lazy("Name"), sort=("name",), link=True),
    Column("place", gettext_lazy("What is reviewed")),
    Column("due_on", gettext_lazy("Due on"), sort=("due_on",), template="reviews/cells/day.html"),
    Column("progress", gettext_lazy("Accesses"), "pk", template="reviews/cells/progress.html"),
    Column("state", gettext_lazy("State"), "closed_at", template="reviews/cells/state.html"),
)


def fetch(request: Request, pk: UUID) -> Campaign:
    rows = Campaign.objects.select_related(
        "organisation",
        "project__organisation",
        "opened_by",
        "closed_by",
        "evidence_job__owner",
        "evidence_job__project",
    )
    return access.fetch(rows, request.user, pk=pk)


def overseen(request: Request, pk: UUID) -> Campaign:
    """The campaign, for who oversees what it is about; who judges in it is refused."""
    campaign = fetch(request, pk)
    require_oversee(request.user, campaign.place)
    return campaign


@reads
def listing(request: Request) -> HttpResponse:
    """Those that one oversees or judges in."""
    organisations, projects = queries.places(request.user)
    may_open = organisations.exists() or projects.exists()
    return respond(request, Campaign.objects.visible_to(request.user), "reviews/list.html", {"may_open": may_open})


@reads
def of_organisation(request: Request, organisation: str) -> HttpResponse:
    """Those of the organisation and of its projects that its administrator may see."""
    found = offices.fetch(request.user, organisation)
    offices.require(request.user, offices.MANAGE, found)
    rows = Campaign.objects.visible_to(request.user).filter(organisation=found)
    context = {"organisation": found, "tabs": tabs(found, "reviews"), "place": f"organisation {found.slug}"}
    return respond(request, rows, "reviews/of_organisation.html", context)


@reads
def of_project(request: Request, project: str) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    access.require(request.user, OVERSEE, found)
    rows = Campaign.objects.visible_to(request.user).filter(project=found)
    context = {"project": found, "tabs": members.tabs(request, found, "reviews"), "place": f"project {found.slug}"}
    return respond(request, rows, "reviews/of_project.html", context)


def respond(request: Request, rows: QuerySet[Campaign], template: str, context: dict[str, Any]) -> HttpResponse:
    place = context.get("place")
    may_open = context.get("may_open", True)
    new = reverse("reviews:create") + (f"?place={place.replace(' ', '+')}" if place else "")
    table = Table(
        request,
        queries.counted(rows, request.user).select_related("organisation", "project"),
        COLUMNS,
        name="reviews",
        caption=_("Access reviews"),
        filters=(Filter("state", _("State"), [("open", _("Under way")), ("closed", _("Closed reviews"))], by_state),),
        empty={
            "icon": "user-check",
            "title": _("No access review yet"),
            "text": _("A review lists every access there is; each is confirmed or revoked, and the evidence is kept."),
            "url": new if may_open else "",
            "action": _("Open a review"),
        },
    )
    return table.respond(template, {**context, "new": new, "may_open": may_open})


def by_state(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(closed_at=None) if value == "open" else rows.exclude(closed_at=None)


@page
def create(request: Request) -> HttpResponseBase:
    """Only for who oversees an organisation or a project; for others the page isn't there."""
    form = CampaignForm(request.POST or None, actor=request.user, initial={"place": request.GET.get("place")})
    if not form.places:
        raise Http404
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            campaign = services.open_campaign(request.user, form.place_chosen, values["name"], values["due_on"])
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The review is open; those who judge the accesses were told."))
            return redirect(campaign)
    return render(request, "reviews/create.html", {"form": form}, status=422 if form.errors else 200)


@writes
def close(request: Request, pk: UUID) -> HttpResponse:
    campaign = fetch(request, pk)
    try:
        services.close(request.user, campaign)
    except (Conflict, Invalid) as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The review is closed. Its evidence is being made."))
    return redirect(campaign)


@writes
def make_evidence(request: Request, pk: UUID) -> HttpResponse:
    campaign = fetch(request, pk)
    try:
        services.make_evidence(request.user, campaign)
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The evidence is being made."))
    return redirect(campaign)


@reads
def evidence(request: Request, pk: UUID, form: str) -> HttpResponseBase:
    """The PDF that is kept, or all lines as CSV, also while the review is open."""
    campaign = overseen(request, pk)
    name = proof.file_name(campaign)
    if form == "csv":
        audit.record(request.user, "reviews.evidence_downloaded", campaign, format="csv")
        return csv_file(name, *proof.table(campaign, proof.ordered(campaign)))
    if form != "pdf" or campaign.evidence is None:
        raise Http404
    pieces = proof.download(request.user, campaign)
    return streams.send(request, pieces, name=f"{name}.pdf", media_type=proof.MEDIA_TYPE)
