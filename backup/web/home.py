"""The first page: how every plan stands, where backups are kept, and what is to be done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from backup import queries
from backup.models import Alert
from backup.permissions import MANAGE, RESTORE, RUN, SEND, VIEW
from backup.web import charts, growing
from backup.web.tabs import tabs
from core import access
from core.access.models import Project
from core.access.people import is_administrator
from core.accounts.models import User
from core.web.views import reads

Kind = Alert.Kind
MOST = 25
"""Sources and plans that the overview shows, those with something wrong first; the lists have all."""


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
        "runs_instance": runs_instance(request),
    }


def runs_instance(request: HttpRequest) -> bool:
    """Whether the reader may save the whole instance."""
    return isinstance(request.user, User) and is_administrator(request.user)


def alerts_shown(found: Iterable[Alert]) -> list[Alert]:
    """What is wrong with a plan stands in its own notice already."""
    return [alert for alert in found if alert.plan_id is None or alert.kind not in (Kind.FAILED, Kind.STALE)]


@reads
def home(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    watched = sorted(queries.watched(request.user, found), key=lambda each: not each.needs_attention)
    repositories = list(queries.repositories(request.user, found))
    now, today = timezone.now(), timezone.localdate()
    shown, source_count = queries.sources(request.user, found, MOST)
    first = today - timedelta(days=charts.DAYS - 1)
    rows = [((source.newest.repository_id, source.newest.source), source.name) for source in shown]
    outcomes = queries.outcomes(request.user, found, first, today, now, {source.newest.source for source in shown})
    spans = growing.spans(queries.steps(request.user, found), today)
    alerts = alerts_shown(queries.alerts(request.user, found))
    context = {
        "project": found,
        "tabs": tabs(request, found, "home"),
        "now": now,
        "severe": [alert for alert in alerts if alert.is_severe],
        "alerts": [alert for alert in alerts if not alert.is_severe],
        "failed": [each for each in watched if each.look == "failed"],
        "troubled": [each for each in watched if each.needs_attention and each.look != "failed"],
        "sources": shown,
        "source_count": source_count,
        "calendar": charts.grid(outcomes, first, today, rows),
        "plot": growing.held_and_taken(spans) if spans else None,
        "spans": spans,
        "watched": watched[:MOST],
        "plan_count": len(watched),
        "repositories": repositories,
        "unconfirmed": [row for row in repositories if not row.is_confirmed],
        "only_here": repositories and all(row.is_beside_the_data for row in repositories),
        "snapshots": queries.snapshots(request.user, found)[:8],
        **rights(request, found),
    }
    return render(request, "backup/home.html", context)
