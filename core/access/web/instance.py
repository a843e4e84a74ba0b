"""What who runs the instance looks after: organisations and people, and nothing of what projects hold."""

from __future__ import annotations

import functools
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import people, queries, services
from core.access import people as accounts
from core.access.models import Membership, Organisation
from core.access.web.forms import InvitationForm, NewOrganisationForm, ReasonForm
from core.accounts.fresh import fresh
from core.accounts.models import User
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import View, page, reads

ORGANISATIONS = (
    Column("name", gettext_lazy("Name"), sort=("name",)),
    Column("projects", gettext_lazy("Projects"), "many_projects", sort=("many_projects",), numeric=True),
    Column("administrators", gettext_lazy("Administrators"), "administrators", numeric=True),
    Column("factor", gettext_lazy("Second factor"), template="access/cells/factor.html"),
    Column("since", gettext_lazy("Since"), "created_at", sort=("created_at",), template="access/cells/date.html"),
    Column("act", gettext_lazy("Action"), "pk", template="access/cells/name_administrator.html"),
)
PEOPLE = (
    Column("name", gettext_lazy("Name"), "full_name", sort=("full_name",), template="access/cells/person.html"),
    Column("email", gettext_lazy("E-mail address"), sort=("email",)),
    Column("memberships", gettext_lazy("Memberships"), "many", sort=("many",), numeric=True),
    Column("last", gettext_lazy("Last sign-in"), "last_login", sort=("last_login",), template="access/cells/when.html"),
    Column("factor", gettext_lazy("Second factor"), "has_factor", template="access/cells/has_factor.html"),
    Column("state", gettext_lazy("State"), template="access/cells/account_state.html"),
)


def administrators(view: View) -> View:
    """For those who run the instance; for everybody else, and before they are asked who they are, nothing is here."""

    @functools.wraps(view)
    def answer(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not people.is_administrator(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return answer


@administrators
@reads
def organisations(request: Request) -> HttpResponse:
    now = timezone.now()
    counts = Q(memberships__roles__permissions__contains=["access.manage_organisation"]) & (
        Q(memberships__ends_at=None) | Q(memberships__ends_at__gt=now)
    )
    rows = Organisation.objects.annotate(
        many_projects=Count("projects", distinct=True),
        administrators=Count("memberships__user", filter=counts, distinct=True),
    )
    table = Table(
        request,
        rows,
        ORGANISATIONS,
        name="organisations",
        caption=_("Organisations"),
        search=("name__icontains",),
        order=("name",),
    )
    invitations = queries.waiting_for_organisations()
    return table.respond("access/all_organisations.html", {"invitations": invitations})


@administrators
@page
def create_organisation(request: Request) -> HttpResponse:
    form = NewOrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            place, _invitation = services.create_organisation(request.user, **form.cleaned_data)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("«%(name)s» is there; its administrator is invited.") % {"name": place})
            return redirect("access:all_organisations")
    return render(request, "access/create_organisation.html", {"form": form}, status=422 if form.errors else 200)


@administrators
@page
def name_administrator(request: Request, organisation: str) -> HttpResponse:
    """Invite one more administrator, for instance where the last has left."""
    place = get_object_or_404(Organisation, slug=organisation)
    form = InvitationForm(request.POST or None, place=place)
    if request.method == "POST" and form.is_valid():
        roles, _sites, ends_at = form.grant
        values = form.cleaned_data
        try:
            services.invite(request.user, place, values["email"], roles, None, ends_at, values["days"])
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("access:all_organisations")
    context = {"form": form, "organisation": place}
    return render(request, "access/name_administrator.html", context, status=422 if form.errors else 200)


@administrators
@reads
def everybody(request: Request) -> HttpResponse:
    """Every account, with its state; a page for each."""
    mine = Membership.objects.active().filter(user=OuterRef("pk")).order_by().values("user")
    factor = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    rows = User.objects.annotate(has_factor=Exists(factor), many=queries.counted(mine))
    states = [("open", _("Open")), ("closed", _("Closed")), ("idle", _("Without a membership"))]
    table = Table(
        request,
        rows,
        PEOPLE,
        name="people",
        caption=_("People"),
        search=("full_name__icontains", "email__icontains"),
        filters=(
            Filter("state", _("State"), states, by_state),
            Filter("factor", _("Second factor"), [("True", _("set up")), ("False", _("none"))], "has_factor"),
        ),
        order=("full_name", "email"),
    )
    return table.respond("access/everybody.html", {})


def by_state(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "idle":
        return rows.filter(many=0)
    return rows.filter(is_active=value == "open")


@administrators
@reads
def person(request: Request, pk: UUID) -> HttpResponse:
    """An account: its memberships by name, how many sessions are open, and its closing."""
    user = get_object_or_404(User, pk=pk)
    return render(request, "access/person.html", context_of(user, ReasonForm()))


def context_of(user: User, form: ReasonForm) -> dict[str, Any]:
    rows = user.memberships.select_related("project", "organisation").prefetch_related("roles")
    return {
        "person": user,
        "memberships": rows.active().order_by("-starts_at"),
        "former": rows.exclude(pk__in=rows.active().values("pk")).order_by("-ends_at")[:50],
        "sessions": UserSession.objects.filter(user=user).count(),
        "factors": Authenticator.objects.filter(user=user).count(),
        "form": form,
    }


@administrators
@fresh
@page
def switch(request: Request, pk: UUID) -> HttpResponse:
    """Close an account, or open it again: with a reason, by somebody who has just said who he is."""
    user = get_object_or_404(User, pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = accounts.close_account if user.is_active else accounts.reopen_account
        try:
            act(request.user, user, form.cleaned_data["reason"])
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Done. The audit trail of the instance says why."))
            return redirect("access:person", user.pk)
    return render(
        request, "access/person_switch.html", {"person": user, "form": form}, status=422 if form.errors else 200
    )
