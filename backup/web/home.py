"""The first page: how every plan stands, where backups are kept, and what is to be done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backup import queries
from backup.models import Alert, Snapshot
from backup.permissions import MANAGE, RESTORE, RUN, SEND, VIEW
from backup.services import alerting
from backup.web import charts
from backup.web.tabs import tabs
from core import access
from core.access.models import Project
from core.web.views import reads, see_other, writes

Kind = Alert.Kind
GROWTH_MOST = 20_000
"""Backups that the curve of growth is drawn from at most."""


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
        "may_send": SEND in held,
    }


def alerts_shown(found: Iterable[Alert]) -> list[Alert]:
    """The severe first; what is wrong with a plan stands in its own notice already."""
    others = [alert for alert in found if alert.plan_id is None or alert.kind not in (Kind.FAILED, Kind.STALE)]
    return sorted(others, key=lambda alert: not alert.is_severe)


@writes
def quiet(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Hear no more of an alert for a week."""
    found = project_of(request, project)
    alert: Alert = access.fetch(queries.alerts(request.user, found), request.user, pk=pk)
    alerting.quiet(request.user, alert, timezone.now() + timedelta(days=7))
    messages.success(request, _("You will hear no more of it for a week. It is shown all the same."))
    return see_other(reverse("backup:home", args=[found.slug]), request)


@reads
def home(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    watched = queries.watched(request.user, found)
    repositories = list(queries.repositories(request.user, found))
    now = timezone.now()
    sources = queries.sources(request.user, found, now)
    shown = Snapshot.objects.visible_to(request.user).filter(project=found, gone_at=None, forgotten_at=None)
    context = {
        "project": found,
        "tabs": tabs(found, "home"),
        "now": now,
        "alerts": alerts_shown(queries.alerts(request.user, found)),
        "sources": sources,
        "calendar": charts.calendar(sources, now),
        "growth": charts.growth(list(shown.only(*charts.GROWS_BY).order_by("finished_at")[:GROWTH_MOST]), now),
        "watched": watched,
        "troubled": [each for each in watched if each.needs_attention],
        "repositories": repositories,
        "unconfirmed": [row for row in repositories if not row.is_confirmed],
        "only_here": repositories and all(row.is_beside_the_data for row in repositories),
        "snapshots": queries.snapshots(request.user, found)[:8],
        **rights(request, found),
    }
    return render(request, "backup/home.html", context)
