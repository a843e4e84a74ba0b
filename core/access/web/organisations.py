"""What an organisation is made of, for who administers it; and the way to its projects for its people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import tool
from core.access import offices, queries, services
from core.access.models import Membership, Organisation, Project, Role
from core.access.web.forms import ChangeForm, InvitationForm, OrganisationForm
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, writes

PROJECTS = (
    Column("name", gettext_lazy("Name"), sort=("name",), link=True),
    Column("description", gettext_lazy("Description"), template="access/cells/description.html"),
    Column("members", gettext_lazy("Members"), sort=("members",), numeric=True),
    Column("since", gettext_lazy("Since"), "created_at", sort=("created_at",), template="access/cells/date.html"),
    Column("state", gettext_lazy("State"), template="access/cells/project_state.html"),
)
PEOPLE = (
    Column("name", gettext_lazy("Name"), "user", sort=("user__full_name",)),
    Column("email", gettext_lazy("E-mail address"), "user.email", sort=("user__email",)),
    Column("where", gettext_lazy("Where"), "place", sort=("project__name",), template="access/cells/place.html"),
    Column("roles", gettext_lazy("Roles"), lambda row: list(row.roles.all()), template="access/cells/roles.html"),
    Column("since", gettext_lazy("Since"), "member_since", sort=("member_since",), template="access/cells/date.html"),
    Column("until", gettext_lazy("Until"), "ends_at", sort=("ends_at",), template="access/cells/date.html"),
    Column("act", gettext_lazy("Action"), "pk", template="access/cells/office.html"),
)


@reads
def index(request: Request) -> HttpResponse:
    """The organisations one administers, the projects one may ask to join, and what one has asked."""
    context = {
        "organisations": offices.of(request.user).annotate(many=Count("projects")),
        "findable": queries.findable_projects(request.user),
        "asked": queries.join_requests(request.user).filter(user=request.user)[:20],
        "may_create": queries.organisations_to_create_in(request.user).exists(),
    }
    return render(request, "access/organisations.html", context)


def tabs(organisation: Organisation, current: str) -> list[tuple[str, str, bool, None]]:
    names = {
        "organisation": _("Projects"),
        "organisation_people": _("People"),
        "roles": _("Roles"),
        "organisation_settings": _("Settings"),
    }
    return [
        (word, reverse(f"access:{name}", args=[organisation.slug]), name == current, None)
        for name, word in names.items()
    ] + [
        (str(page.label), reverse(page.home, args=[organisation.slug]), page.key == current, None)
        for page in tool.pages(tool.Place.ORGANISATION)
    ]


def found(request: Request, slug: str, current: str) -> tuple[Organisation, dict[str, Any]]:
    """The organisation that the reader administers, and what each of its pages shows."""
    organisation = offices.fetch(request.user, slug)
    offices.require(request.user, offices.MANAGE, organisation)
    return organisation, {"organisation": organisation, "tabs": tabs(organisation, current)}


@reads
def overview(request: Request, organisation: str) -> HttpResponse:
    """Its projects."""
    place, context = found(request, organisation, "organisation")
    now = timezone.now()
    counted = Q(memberships__ends_at=None) | Q(memberships__ends_at__gt=now)
    rows = Project.objects.filter(organisation=place).annotate(
        members=Count("memberships__user", filter=counted, distinct=True)
    )
    state = Filter("state", _("State"), [("open", _("Open")), ("archived", _("Archived"))], by_state)
    table = Table(
        request,
        rows,
        PROJECTS,
        name="projects",
        caption=_("Projects"),
        search=("name__icontains", "description__icontains"),
        filters=(state,),
        order=("name",),
        empty={
            "icon": "folder-plus",
            "title": _("No project yet"),
            "text": _("A project holds the people, the forms and the data of one study."),
            "url": reverse("access:create_project"),
            "action": _("Create a project"),
        },
    )
    return table.respond("access/organisation.html", context)


def by_state(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(archived_at=None) if value == "open" else rows.exclude(archived_at=None)


@reads
def people(request: Request, organisation: str) -> HttpResponse:
    """Everybody with a role in the organisation or in one of its projects."""
    place, context = found(request, organisation, "organisation_people")
    rows = Membership.objects.active().filter(Q(organisation=place) | Q(project__organisation=place))
    roles = Role.objects.filter(Q(organisation=None) | Q(organisation=place))
    table = Table(
        request,
        rows.select_related("user", "project", "organisation").prefetch_related("roles"),
        PEOPLE,
        name="people",
        caption=_("People"),
        search=("user__full_name__icontains", "user__email__icontains", "project__name__icontains"),
        filters=(
            Filter("role", _("Role"), [(str(role.pk), str(role)) for role in roles], "roles"),
            Filter(
                "in", _("Where"), [("organisation", _("the organisation")), ("projects", _("its projects"))], by_place
            ),
        ),
        order=("user__full_name", "project__name"),
    )
    context["invitations"] = queries.invitations(request.user).filter(organisation=place)
    return table.respond("access/organisation_people.html", context)


def by_place(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(project=None) if value == "organisation" else rows.exclude(project=None)


@page
def invite(request: Request, organisation: str) -> HttpResponse:
    place, context = found(request, organisation, "organisation_people")
    form = InvitationForm(request.POST or None, place=place)
    if request.method == "POST" and form.is_valid():
        roles, _sites, ends_at = form.grant
        try:
            services.invite(
                request.user, place, form.cleaned_data["email"], roles, None, ends_at, form.cleaned_data["days"]
            )
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("access:organisation_people", place.slug)
    context["form"] = form
    return render(request, "access/organisation_invite.html", context, status=422 if form.errors else 200)


@page
def change(request: Request, organisation: str, pk: UUID) -> HttpResponse:
    """What somebody may do in the organisation, and what he was before."""
    place, context = found(request, organisation, "organisation_people")
    rows = Membership.objects.active().filter(organisation=place).select_related("user", "organisation")
    membership = get_object_or_404(rows, pk=pk)
    local = timezone.localtime(membership.ends_at).date() if membership.ends_at else None
    initial = {"roles": list(membership.roles.all()), "ends_at": local}
    form = ChangeForm(request.POST or None, place=place, held=membership, initial=initial)
    if request.method == "POST" and form.is_valid():
        roles, _sites, ends_at = form.grant
        try:
            services.change_membership(request.user, membership, roles, None, ends_at, form.cleaned_data["reason"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The change counts from now on."))
            return redirect("access:organisation_people", place.slug)
    context |= {"form": form, "membership": membership}
    return render(request, "access/organisation_member.html", context, status=422 if form.errors else 200)


@writes
def remove(request: Request, organisation: str, pk: UUID) -> HttpResponse:
    place, _context = found(request, organisation, "organisation_people")
    membership = get_object_or_404(Membership.objects.active(), organisation=place, pk=pk)
    try:
        services.end_membership(request.user, membership, request.POST.get("reason", ""))
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("%(name)s has no access any more.") % {"name": membership.user})
    return redirect("access:organisation_people", place.slug)


@page
def settings(request: Request, organisation: str) -> HttpResponse:
    place, context = found(request, organisation, "organisation_settings")
    initial = {
        "name": place.name,
        "requires_second_factor": place.requires_second_factor,
        "emergency_role": place.emergency_role_id,
    }
    form = OrganisationForm(request.POST or None, initial=initial, organisation=place)
    if request.method == "POST" and form.is_valid():
        try:
            values = form.cleaned_data
            with transaction.atomic():
                services.choose_emergency_role(request.user, place, values.pop("emergency_role"))
                services.change_organisation(request.user, place, **values)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("access:organisation_settings", place.slug)
    context["form"] = form
    return render(request, "access/organisation_settings.html", context, status=422 if form.errors else 200)


@writes
def revoke(request: Request, organisation: str, pk: UUID) -> HttpResponse:
    place, _context = found(request, organisation, "organisation_people")
    rows = queries.invitations(request.user).filter(organisation=place)
    services.revoke_invitation(request.user, get_object_or_404(rows, pk=pk))
    messages.success(request, _("The invitation is withdrawn: its link works no more."))
    return redirect("access:organisation_people", place.slug)


@writes
def send_again(request: Request, organisation: str, pk: UUID) -> HttpResponse:
    """A new link for the same offer."""
    place, _context = found(request, organisation, "organisation_people")
    invitation = get_object_or_404(queries.invitations(request.user).filter(organisation=place), pk=pk)
    try:
        services.send_again(request.user, invitation)
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("A new link is on its way; the former works no more."))
    return redirect("access:organisation_people", place.slug)
