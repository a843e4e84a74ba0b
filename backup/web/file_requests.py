"""Pages of the requests for files: the browser keeps the key that opens what comes in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from backup import queries
from backup.models import FileRequest
from backup.permissions import SEND
from backup.services import asking
from backup.web.home import project_of
from backup.web.send_forms import RequestForm
from backup.web.sends import script_values
from core import access
from core.access.models import Project
from core.web.views import reads, see_other, writes

SHOWN = 200


def found(request: HttpRequest, slug: str, pk: UUID) -> tuple[Project, FileRequest]:
    project = project_of(request, slug, SEND)
    row: FileRequest = access.fetch(queries.file_requests(request.user, project), request.user, pk=pk)
    return project, row


@reads
def create(request: HttpRequest, project: str) -> HttpResponse:
    place = project_of(request, project, SEND)
    return render(request, "backup/sends/request_new.html", script_values(place) | {"form": RequestForm()})


@reads
def request_page(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    place, row = found(request, project, pk)
    files = [(each, bytes(each.envelope).hex()) for each in queries.dropped(request.user, row)[:SHOWN]]
    context = {"row": row, "files": files, "is_mine": row.owner_id == request.user.pk}
    return render(request, "backup/sends/request.html", script_values(place) | context)


@writes
def revoke(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    _place, row = found(request, project, pk)
    asking.withdraw(request.user, row)
    messages.success(request, _("The link is dead: nothing more is dropped by it."))
    return see_other(row.get_absolute_url(), request)
