"""Pages of one backup and of bringing it back."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from backup import queries
from backup.models import Restore, Snapshot
from backup.permissions import RESTORE
from backup.services import restores as services
from backup.web.forms import RestoreForm
from backup.web.home import project_of, rights
from core import access
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.files import downloads
from core.web.forms import show_faults
from core.web.views import page, reads, see_other, writes


def fetch_restore(request: HttpRequest, slug: str, pk: UUID) -> tuple[Project, Restore]:
    project = project_of(request, slug)
    row: Restore = access.fetch(queries.restores(request.user, project), request.user, pk=pk)
    return project, row


@reads
def snapshot(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row: Snapshot = access.fetch(queries.snapshots(request.user, found), request.user, pk=pk)
    context = {
        "project": found,
        "snapshot": row,
        "restores": queries.restores(request.user, found).filter(snapshot=row)[:10],
        **rights(request, found),
    }
    return render(request, "backup/snapshot.html", context)


@sensitive_post_parameters("passphrase")
@never_cache
@page
def ask(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The restore form: key, passphrase, reason."""
    found = project_of(request, project)
    row: Snapshot = access.fetch(queries.snapshots(request.user, found), request.user, pk=pk)
    access.require(request.user, RESTORE, found, obj=row)
    form = RestoreForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = services.restore(request.user, row, **form.cleaned_data)
        except Invalid as error:
            show_faults(form, error)
        else:
            return see_other(asked.get_absolute_url(), request)
    context = {"project": found, "snapshot": row, "form": form}
    return render(request, "backup/restore_form.html", context, status=422 if form.errors else 200)


@reads
def restore(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found, row = fetch_restore(request, project, pk)
    return render(request, "backup/restore.html", {"project": found, "restore": row, **rights(request, found)})


@reads
def download(request: HttpRequest, project: str, pk: UUID) -> HttpResponseBase:
    """The archive, decrypted as it is sent. By GET, so that a browser goes on after an interruption."""
    found, row = fetch_restore(request, project, pk)
    try:
        archive = services.download(request.user, row, partial(downloads.is_new, request))
    except Conflict as error:
        messages.warning(request, str(error.message))
        return see_other(row.get_absolute_url(), request)
    name = f"{found.slug}-{row.snapshot.short_id}.zip"
    return downloads.send(request, archive, name=name, media_type="application/zip")


@writes
def erase(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    _found, row = fetch_restore(request, project, pk)
    services.erase(request.user, row)
    messages.success(request, _("What was restored is erased."))
    return see_other(row.get_absolute_url(), request)
