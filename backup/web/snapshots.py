"""Pages of one backup: what is known of it, the ways to bring it back, and its files, opened in the browser."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from backup import queries
from backup.models import Repository, Snapshot
from backup.permissions import RESTORE
from backup.web.home import project_of, rights
from core import access
from core.access.models import Project
from core.web import assets
from core.web.views import reads

OPENINGS = 10
"""Of those who opened it, as many as a page shows."""


def fetch(request: HttpRequest, project: Project, pk: UUID) -> Snapshot:
    row: Snapshot = access.fetch(queries.snapshots(request.user, project), request.user, pk=pk)
    return row


@reads
def snapshot(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    context = {
        "project": found,
        "snapshot": row,
        "address": address_of(row.repository),
        "openings": queries.openings(request.user, found).filter(snapshot=row)[:OPENINGS],
        **rights(request, found),
    }
    return render(request, "backup/snapshot.html", context)


@never_cache
@reads
def files(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The files of a backup. The page gets ciphertext only; the key is given to it and stays there."""
    found = project_of(request, project)
    row = fetch(request, found, pk)
    access.require(request.user, RESTORE, found, obj=row)
    context = {"project": found, "snapshot": row, "worker": assets.address("backup-worker.js")}
    return render(request, "backup/snapshot_files.html", context)


def address_of(repository: Repository) -> str:
    """Where `suite-backup` finds the repository."""
    return f"suite+{settings.PUBLIC_URL}/{repository.pk}"
