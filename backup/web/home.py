"""The first page: how every plan stands, where backups are kept, and what is to be done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backup import queries
from backup.permissions import MANAGE, RESTORE, RUN, VIEW
from core import access
from core.access.models import Project
from core.web.views import reads


def project_of(request: HttpRequest, slug: str, permission: str = VIEW) -> Project:
    """The project, if the reader may see its backups; otherwise 404, as if there weren't any."""
    project: Project = access.fetch(Project.objects, request.user, slug=slug)
    access.fetch(Project.objects.visible_to(request.user, permission), request.user, pk=project.pk)
    return project


def rights(request: HttpRequest, project: Project) -> dict[str, bool]:
    """What the reader may do here, for the buttons."""
    held = access.abilities(request.user, project)
    return {
        "may_manage": MANAGE in held,
        "may_run": RUN in held,
        "may_restore": RESTORE in held,
        "may_create": {MANAGE, RESTORE} <= held,
    }


@reads
def home(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    watched = queries.watched(request.user, found)
    repositories = list(queries.repositories(request.user, found))
    context = {
        "project": found,
        "watched": watched,
        "troubled": [each for each in watched if each.needs_attention],
        "repositories": repositories,
        "unconfirmed": [row for row in repositories if not row.is_confirmed],
        "only_here": repositories and all(row.is_beside_the_data for row in repositories),
        "snapshots": queries.snapshots(request.user, found)[:8],
        **rights(request, found),
    }
    return render(request, "backup/home.html", context)
