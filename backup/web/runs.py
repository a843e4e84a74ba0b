"""Pages of what agents do: the list, one run with its progress and its log, live, and stopping it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backup import queries
from backup.models import Run
from backup.services import runs as services
from backup.web.home import project_of, rights
from backup.web.lists import answer
from backup.web.tabs import tabs
from core import access
from core.access.models import Project
from core.errors import Conflict
from core.web.table import Column, Filter, Table
from core.web.views import reads, see_other, writes

LINES = 500
"""Lines of the log that a page shows, the newest."""
COLUMNS = (
    Column("created_at", gettext_lazy("Begun"), sort=("created_at",), template="backup/cells/run.html", fixed=True),
    Column("state", gettext_lazy("State"), sort=("state",), template="backup/cells/run_state.html"),
    Column("plan", gettext_lazy("Plan"), "plan.name", sort=("plan__name",)),
    Column("agent", gettext_lazy("Agent"), "agent.name", sort=("agent__name",)),
    Column("elapsed", gettext_lazy("Duration"), template="backup/cells/duration.html"),
    Column("files", gettext_lazy("Files"), sort=("files",), numeric=True),
    Column("added", gettext_lazy("Added"), sort=("added",), template="backup/cells/size.html", numeric=True),
)


def fetch(request: HttpRequest, project: Project, pk: UUID) -> Run:
    row: Run = access.fetch(queries.runs(request.user, project), request.user, pk=pk)
    return row


@reads
def run_list(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    rows = queries.runs(request.user, found)
    agents = queries.agents(request.user, found).order_by("name")
    plans = queries.plans(request.user, found).exclude(agent=None).order_by("name")
    table = Table(
        request,
        rows,
        columns=COLUMNS,
        name="runs",
        caption=_("Runs of the agents"),
        filters=(
            Filter("state", _("State"), Run.State.choices),
            Filter("agent", _("Agent"), [(str(each.pk), each.name) for each in agents]),
            Filter("plan", _("Plan"), [(str(each.pk), each.name) for each in plans], rare=True),
            Filter("from", _("From"), lookup=since, is_day=True, rare=True),
            Filter("to", _("Until"), lookup=until, is_day=True, rare=True),
        ),
        order=("-created_at",),
        export="runs",
        empty={
            "icon": "player-play",
            "title": _("No run yet"),
            "text": _("What agents do appears here while it goes on, and stays with what came of it."),
        },
    )
    return answer(request, found, table, title=_("Runs of the agents"))


def since(rows: QuerySet[Run], value: str) -> QuerySet[Run]:
    day = date.fromisoformat(value)
    return rows.filter(created_at__gte=queries.bounds(day, day)[0])


def until(rows: QuerySet[Run], value: str) -> QuerySet[Run]:
    day = date.fromisoformat(value)
    return rows.filter(created_at__lt=queries.bounds(day, day)[1])


@reads
def run(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    return render(request, "backup/run.html", {**_shown(request, found, row), "tabs": tabs(request, found, "runs")})


@reads
def progress(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The part of a page that shows how a run gets on, as it is now."""
    found = project_of(request, project)
    response = render(request, "backup/run_now.html", _shown(request, found, fetch(request, found, pk)))
    response["Cache-Control"] = "no-store"
    return response


@writes
def stop(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    try:
        services.ask_stop(request.user, row)
    except Conflict as error:
        messages.warning(request, str(error.message))
    return see_other(row.get_absolute_url(), request)


def _shown(request: HttpRequest, project: Project, row: Run) -> dict[str, object]:
    newest = list(row.lines.order_by("-number")[: LINES + 1])
    return {
        "project": project,
        "run": row,
        "lines": newest[:LINES],
        "has_more": len(newest) > LINES,
        **rights(request, project),
    }
