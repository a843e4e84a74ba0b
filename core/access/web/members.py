"""Who has access to a project, and the letting in and out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, tool
from core.access import queries, services
from core.access.models import Emergency, JoinRequest, Membership, Project
from core.access.services import members as changing
from core.access.web.forms import ChangeForm, InvitationForm
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, writes

COLUMNS = (
    Column("name", gettext_lazy("Name"), "user", sort=("user__full_name",), template="access/cells/member.html"),
    Column("email", gettext_lazy("E-mail address"), "user.email", sort=("user__email",)),
    Column("roles", gettext_lazy("Roles"), lambda row: list(row.roles.all()), template="access/cells/roles.html"),
    Column("sites", gettext_lazy("Sites"), lambda row: list(row.sites.all()), template="access/cells/sites.html"),
    Column("since", gettext_lazy("Since"), "member_since", sort=("member_since",), template="access/cells/date.html"),
    Column("until", gettext_lazy("Until"), "ends_at", sort=("ends_at",), template="access/cells/date.html"),
    Column("act", gettext_lazy("Action"), "pk", template="access/cells/remove.html"),
)


def tabs(request: Request, project: Project, current: str) -> list[tuple[str, str, bool, int | None]]:
    """The lists about the people of a project; the requests only for who answers them."""
    listed: list[tuple[str, str, bool, int | None]] = [
        (_("Members"), reverse("access:members", args=[project.slug]), current == "members", None)
    ]
    if access.can(request.user, "access.manage_members", project):
        waiting = JoinRequest.objects.filter(project=project, state=JoinRequest.State.WAITING).count()
        address = reverse("access:requests", args=[project.slug])
        listed.append((_("Requests to join"), address, current == "requests", waiting))
    if access.can(request.user, "access.oversee_access", project):
        unseen = Emergency.objects.filter(project=project, seen_at=None).count()
        address = reverse("access:emergencies", args=[project.slug])
        listed.append((_("Emergency access"), address, current == "emergencies", unseen))
    held = access.abilities(request.user, project)
    return listed + [
        (str(page.label), reverse(page.home, args=[project.slug]), page.key == current, None)
        for page in tool.pages(tool.Place.MEMBERS)
        if page.needs in held
    ]


@reads
def listing(request: Request, project: str) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    access.require(request.user, "access.view_members", found)
    may_manage = access.can(request.user, "access.manage_members", found)
    rows = queries.memberships(request.user).filter(project=found)
    kinds = [(kind.value, kind.label) for kind in Membership.Kind]
    table = Table(
        request,
        rows,
        COLUMNS if may_manage else COLUMNS[:-1],
        name="members",
        caption=_("Members"),
        search=("user__full_name__icontains", "user__email__icontains"),
        filters=(
            Filter("role", _("Role"), [(role.key, str(role)) for role in queries.roles_for(found)], "roles__key"),
            Filter("kind", _("Kind"), kinds),
        ),
        order=("user__full_name",),
    )
    own = rows.filter(user=request.user)
    context = {
        "project": found,
        "may_manage": may_manage,
        "tabs": tabs(request, found, "members"),
        "invitations": queries.invitations(request.user).filter(project=found),
        "own": own.filter(kind=Membership.Kind.ORDINARY),
        "passed": [row for row in rows.filter(kind=Membership.Kind.DELEGATED) if is_own(request, row)],
    }
    return table.respond("access/members.html", context)


def is_own(request: Request, passed: Membership) -> bool:
    source = passed.delegated_from
    return request.user.pk in (passed.user_id, source.user_id if source else None)


@page
def invite(request: Request, project: str) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    access.require(request.user, "access.manage_members", found)
    form = InvitationForm(request.POST or None, place=found)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        roles, sites, ends_at = form.grant
        try:
            services.invite(request.user, found, values["email"], roles, sites, ends_at, values["days"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("access:members", found.slug)
    context = {"project": found, "form": form}
    return render(request, "access/invite.html", context, status=422 if form.errors else 200)


@page
def member(request: Request, project: str, pk: UUID) -> HttpResponse:
    """What somebody may do in the project, what he could before, and the change of it."""
    found = access.fetch(Project.objects.select_related("organisation"), request.user, slug=project)
    membership = get_object_or_404(queries.memberships(request.user), project=found, pk=pk)
    access.require(request.user, "access.manage_members", found, obj=membership)
    form = ChangeForm(request.POST or None, place=found, held=membership, initial=initial(membership))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_membership(request.user, membership, *form.grant, form.cleaned_data["reason"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The change counts from now on."))
            return redirect("access:members", found.slug)
    context = {
        "project": found,
        "membership": membership,
        "form": form,
        "history": changing.history(membership),
        "changes": membership.kind == Membership.Kind.ORDINARY,
    }
    return render(request, "access/member.html", context, status=422 if form.errors else 200)


def initial(membership: Membership) -> dict[str, Any]:
    return {
        "roles": list(membership.roles.all()),
        "sites": list(membership.sites.all()),
        "ends_at": timezone.localtime(membership.ends_at).date() if membership.ends_at else None,
    }


@writes
def remove(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    membership = get_object_or_404(queries.memberships(request.user), project=found, pk=pk)
    try:
        services.end_membership(request.user, membership, request.POST.get("reason", ""))
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        name = membership.user.full_name or membership.user.email
        if membership.kind == Membership.Kind.DELEGATED:
            messages.success(request, _("What was passed on to %(name)s has ended.") % {"name": name})
        else:
            messages.success(request, _("%(name)s has no access any more.") % {"name": name})
    return redirect("access:members", found.slug)


@writes
def revoke(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    services.revoke_invitation(request.user, get_object_or_404(queries.invitations(request.user), project=found, pk=pk))
    messages.success(request, _("The invitation is withdrawn: its link works no more."))
    return redirect("access:members", found.slug)


@writes
def send_again(request: Request, project: str, pk: UUID) -> HttpResponse:
    """A new link for the same offer."""
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    invitation = get_object_or_404(queries.invitations(request.user), project=found, pk=pk)
    try:
        services.send_again(request.user, invitation)
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("A new link is on its way; the former works no more."))
    return redirect("access:members", found.slug)
