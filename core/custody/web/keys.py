"""/instance/keys/: the keys of the projects, their age and state, and how they are renewed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from core.access.web.instance import administrators
from core.accounts.fresh import fresh
from core.custody import queries, services
from core.errors import Conflict
from core.vault import keys as held_keys
from core.vault import resealing
from core.vault import services as vault
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import reads, see_other, writes


@administrators
@reads
def key_list(request: Request) -> HttpResponse:
    table = Table(
        request,
        queries.projects(),
        columns=(
            Column("name", _("Project"), sort=("name",), template="custody/cells/project.html"),
            Column("state", _("State"), value=queries.state_of, template="custody/cells/state.html"),
            Column("version", _("Version"), sort=("version",), numeric=True),
            Column("made", _("Made"), sort=("made",), template="custody/cells/made.html"),
            Column("organisation", _("Organisation"), sort=("organisation__name",)),
        ),
        name="keys",
        caption=_("Encryption keys"),
        search=("name__icontains", "organisation__name__icontains"),
        filters=(Filter("state", _("State"), queries.STATES, queries.in_state),),
        order=("name",),
        empty={"icon": "key", "title": _("No project yet"), "text": _("Each project gets a key when it is made.")},
    )
    others = vault.wrapped_by_others().count()
    context = {
        "wrapping": held_keys.wrapping_version(),
        "wrapped": services.living_keys() - others,
        "others": others,
        "job": queries.rewrapping(),
        "own": queries.instance_key(),
        "own_job": queries.renewal_of(None),
    }
    return table.respond("custody/keys.html", context)


@administrators
@reads
def key(request: Request, project: str) -> HttpResponse:
    return render(request, "custody/key.html", context_of(project))


@administrators
@fresh
@writes
def renew(request: Request, project: str) -> HttpResponse:
    found = get_object_or_404(queries.projects(), slug=project)
    try:
        services.renew_project_key(request.user, found)
    except Conflict as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("A new key seals what is new. What was sealed before is being sealed anew."))
    return see_other(reverse("custody:key", args=[found.slug]), request)


@administrators
@fresh
@writes
def renew_own(request: Request) -> HttpResponse:
    services.renew_instance_data_key(request.user)
    messages.success(request, _("A new key seals what is new. What was sealed before is being sealed anew."))
    return see_other(reverse("custody:keys"), request)


@administrators
@fresh
@writes
def rewrap(request: Request) -> HttpResponse:
    try:
        services.rewrap_keys(request.user)
    except Conflict as error:
        messages.error(request, error.message)
    return see_other(reverse("custody:keys"), request)


def context_of(slug: str) -> dict[str, Any]:
    project: Any = get_object_or_404(queries.projects(), slug=slug)
    return {
        "project_of_key": project,
        "versions": vault.data_keys(project).order_by("-version"),
        "left": resealing.count_left(project) if project.living > 1 else 0,
        "state": queries.state_of(project),
        "job": queries.renewal_of(project),
    }
