"""Who has access to a project, and the letting in and out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.access import queries, services
from core.access.models import Project
from core.access.web.forms import InvitationForm
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, writes

COLUMNS = (
    Column("name", gettext_lazy("Name"), "user.full_name", sort=("user__full_name",)),
    Column("email", gettext_lazy("E-mail address"), "user.email", sort=("user__email",)),
    Column("roles", gettext_lazy("Roles"), lambda row: list(row.roles.all()), template="access/cells/roles.html"),
    Column("sites", gettext_lazy("Sites"), lambda row: list(row.sites.all()), template="access/cells/sites.html"),
    Column("since", gettext_lazy("Since"), "starts_at", sort=("starts_at",), template="access/cells/date.html"),
    Column("until", gettext_lazy("Until"), "ends_at", sort=("ends_at",), template="access/cells/date.html"),
    Column("act", gettext_lazy("Action"), "pk", template="access/cells/remove.html"),
)


@reads
def listing(request: Request, project: str) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    access.require(request.user, "access.view_members", found)
    may_manage = access.can(request.user, "access.manage_members", found)
    table = Table(
        request,
        queries.memberships(request.user).filter(project=found),
        COLUMNS if may_manage else COLUMNS[:-1],
        name="members",
        caption=_("Members"),
        search=("user__full_name__icontains", "user__email__icontains"),
        filters=(
            Filter("role", _("Role"), [(role.key, str(role)) for role in queries.roles_for(found)], "roles__key"),
        ),
        order=("user__full_name",),
    )
    context = {
        "project": found,
        "may_manage": may_manage,
        "invitations": queries.invitations(request.user).filter(project=found),
    }
    return table.respond("access/members.html", context)


@page
def invite(request: Request, project: str) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    access.require(request.user, "access.manage_members", found)
    form = InvitationForm(request.POST or None, project=found)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            services.invite(
                request.user,
                found,
                values["email"],
                list(values["roles"]),
                list(values.get("sites") or []) or None,
                values["ends_at"],
            )
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("access:members", found.slug)
    context = {"project": found, "form": form}
    return render(request, "access/invite.html", context, status=422 if form.errors else 200)


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
        messages.success(request, _("%(name)s has no access any more.") % {"name": name})
    return redirect("access:members", found.slug)


@writes
def revoke(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    services.revoke_invitation(request.user, get_object_or_404(queries.invitations(request.user), project=found, pk=pk))
    messages.success(request, _("The invitation is withdrawn: its link works no more."))
    return redirect("access:members", found.slug)
