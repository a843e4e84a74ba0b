"""The roles of an organisation: what each grants, who holds it, and who gains or loses what by a change."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from core.access import catalogue, offices, services
from core.access.models import Organisation, Role
from core.access.services import roles as editing
from core.access.web.forms import RoleForm
from core.access.web.organisations import tabs
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.views import page, reads, writes


def found(request: Request, slug: str) -> Organisation:
    """The organisation whose roles the reader edits."""
    organisation = offices.fetch(request.user, slug)
    editing.require_manage(request.user, organisation)
    return organisation


@reads
def listing(request: Request, organisation: str) -> HttpResponse:
    """The living matrix: each role with its holders, each permission with the roles that grant it."""
    place = found(request, organisation)
    now = timezone.now()
    here = Q(memberships__organisation=place) | Q(memberships__project__organisation=place)
    counts = here & (Q(memberships__ends_at=None) | Q(memberships__ends_at__gt=now))
    rows = Role.objects.filter(Q(organisation=None) | Q(organisation=place))
    rows = rows.annotate(holders=Count("memberships__user", filter=counts, distinct=True))
    roles = list(rows.order_by("organisation__name", "level", "pk"))
    current = [role for role in roles if role.retired_at is None]
    context = {
        "organisation": place,
        "tabs": tabs(place, "roles"),
        "roles": roles,
        "columns": current,
        "matrix": catalogue.matrix(current),
    }
    return render(request, "access/roles.html", context)


def draft(form: RoleForm, level: str) -> editing.Draft:
    values = form.cleaned_data
    return editing.Draft(
        values["name"], frozenset(values["permissions"]), values.get("level") or level, values["requires_second_factor"]
    )


@page
def make(request: Request, organisation: str) -> HttpResponse:
    """A new role, from nothing or from a copy."""
    place = found(request, organisation)
    initial: dict[str, object] = {"level": Role.Level.PROJECT}
    asked = request.GET.get("copy", "")
    roles = Role.objects.filter(Q(organisation=None) | Q(organisation=place))
    if asked.isdecimal() and (copied := roles.filter(pk=int(asked[:12])).first()):
        initial = {
            "name": _("%(role)s (copy)") % {"role": copied},
            "level": copied.level,
            "permissions": copied.permissions,
            "requires_second_factor": copied.requires_second_factor,
        }
    form = RoleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            role = services.make_role(request.user, place, draft(form, Role.Level.PROJECT))
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The role «%(role)s» can be given now.") % {"role": role})
            return redirect("access:roles", place.slug)
    context = {"organisation": place, "tabs": tabs(place, "roles"), "form": form, "roles": roles}
    return render(request, "access/make_role.html", context, status=422 if form.errors else 200)


@page
def edit(request: Request, organisation: str, pk: int) -> HttpResponse:
    """What a role grants; where somebody holds it, its effects are shown before they are saved."""
    place = found(request, organisation)
    role = get_object_or_404(Role.objects.filter(Q(organisation=None) | Q(organisation=place)), pk=pk)
    own = role.organisation_id is not None and role.retired_at is None
    if request.method == "POST" and not own:
        raise Http404
    initial = {
        "name": str(role),
        "permissions": role.permissions,
        "requires_second_factor": role.requires_second_factor,
    }
    form = RoleForm(request.POST or None, initial=initial, role=role)
    context = {"organisation": place, "tabs": tabs(place, "roles"), "role": role, "form": form}
    if request.method == "POST" and form.is_valid():
        wanted = draft(form, role.level)
        try:
            reason, seen = form.cleaned_data["reason"], request.POST.get("seen", "")
            services.change_role(request.user, role, wanted, reason, seen)
        except Invalid as error:
            show_faults(form, error)
        except editing.Unconfirmed as unconfirmed:
            seen = editing.fingerprint(role, unconfirmed.effects, wanted)
            context |= {
                "effects": unconfirmed.effects,
                "seen": seen,
                "wider": set(wanted.permissions) - set(role.permissions),
            }
            return render(request, "access/role_effects.html", context)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The role «%(role)s» is changed for all who hold it.") % {"role": wanted.name})
            return redirect("access:roles", place.slug)
    context["holders"] = editing.holders(role, place)
    context["own"] = own
    context["granted"] = [
        (heading, [each for each in permissions if each.code in role.permissions])
        for heading, permissions in catalogue.groups()
    ]
    return render(request, "access/role.html", context, status=422 if form.errors else 200)


@writes
def retire(request: Request, organisation: str, pk: int) -> HttpResponse:
    place = found(request, organisation)
    services.retire_role(request.user, get_object_or_404(Role, organisation=place, pk=pk))
    messages.success(request, _("The role is given no more. Who holds it keeps it until somebody changes that."))
    return redirect("access:roles", place.slug)
