"""Pages of the sealed files that one sends: the browser seals them, these only tell how they stand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from backup import queries
from backup.models import Send
from backup.models.sends import PIECE
from backup.permissions import SEND
from backup.services import sends as services
from backup.web.home import project_of
from backup.web.send_forms import ProlongForm, SendForm
from backup.web.tabs import tabs
from core import access
from core.access.models import Project
from core.errors import Conflict
from core.web import assets
from core.web.table import Column, Table
from core.web.views import reads, see_other, writes


def found(request: HttpRequest, slug: str, pk: UUID) -> tuple[Project, Send]:
    project = project_of(request, slug, SEND)
    rows = Send.objects.filter(project=project).select_related("project", "owner", "request__project")
    row: Send = access.fetch(rows, request.user, pk=pk)
    return project, row


def script_values(project: Project) -> dict[str, Any]:
    """What the page's script needs to know."""
    return {"project": project, "worker": assets.address("backup-sealing.js"), "piece": PIECE}


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    place = project_of(request, project, SEND)
    table = Table(
        request,
        queries.sends(request.user, place),
        columns=(
            Column("created_at", _("Sent"), sort=("created_at",), template="backup/sends/cells/sent.html", link=True),
            Column("state", _("State"), template="backup/sends/cells/state.html"),
            Column("size", _("Size, rounded up"), sort=("size",), template="backup/cells/size.html"),
            Column("fetch_count", _("Fetched"), sort=("fetch_count",), template="backup/sends/cells/fetched.html"),
            Column("expires_at", _("Until"), sort=("expires_at",), template="backup/sends/cells/until.html"),
            Column("owner", _("By"), sort=("owner__full_name",)),
        ),
        name="sends",
        caption=_("Sealed files sent"),
        order=("-created_at",),
        empty={
            "icon": "send",
            "title": _("Nothing sent yet"),
            "text": _("A file is sealed in your browser; whoever has its link opens it, and the server can’t read it."),
            "url": reverse("backup:send-create", args=[place.slug]),
            "action": _("Send a file"),
        },
    )
    requests = queries.file_requests(request.user, place)[:50]
    return table.respond(
        "backup/sends/list.html", script_values(place) | {"requests": requests, "tabs": tabs(request, place, "sends")}
    )


@reads
def create(request: HttpRequest, project: str) -> HttpResponse:
    place = project_of(request, project, SEND)
    return render(request, "backup/sends/new.html", script_values(place) | {"form": SendForm()})


@reads
def send(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    place, row = found(request, project, pk)
    context = {
        "send": row,
        "fetched": row.fetched.all()[:20],
        "pieces_there": row.pieces.count() if row.state == "uploading" else 0,
        "is_mine": row.owner_id == request.user.pk,
        "form": SendForm(),
        "prolong_form": ProlongForm(),
    }
    return render(request, "backup/sends/send.html", script_values(place) | context)


@writes
def revoke(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    _place, row = found(request, project, pk)
    services.revoke(request.user, row)
    messages.success(request, _("The link is dead: nobody fetches the file any more."))
    return see_other(row.get_absolute_url(), request)


@writes
def prolong(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    _place, row = found(request, project, pk)
    form = ProlongForm(request.POST)
    try:
        if form.is_valid():
            services.prolong(request.user, row, days=form.cleaned_data["days"])
            messages.success(request, _("The link is prolonged."))
        else:
            messages.warning(request, _("Choose for how long."))
    except Conflict as error:
        messages.warning(request, str(error.message))
    return see_other(row.get_absolute_url(), request)
