"""Pages of the sources: the list with the age and health of each, and how one of them, or a repository, grows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backup import queries
from backup.models import Repository, Snapshot
from backup.queries import LOOKS
from backup.web import growing
from backup.web.home import project_of, rights
from backup.web.lists import answer, of_repositories
from backup.web.tabs import tabs
from core import access, audit
from core.access.models import Project
from core.web.export import csv_file
from core.web.table import Column, Filter, Table
from core.web.templatetags.web import state
from core.web.views import reads

HEALTH = (
    ("failed", gettext_lazy("Something severe")),
    ("warning", gettext_lazy("To check")),
    ("done", gettext_lazy("In order")),
)


class _Health:
    """What is wrong with the sources of a list, asked once."""

    def __init__(self, request: HttpRequest, project: Project) -> None:
        self.request, self.project = request, project

    @cached_property
    def alerts(self) -> list[Any]:
        return list(queries.alerts(self.request.user, self.project))

    def word(self, row: Snapshot) -> str:
        [(_row, wrong)] = queries.told_of([row], self.alerts)
        return capfirst(wrong[0].get_kind_display()) if wrong else _("In order")

    def shown(self, row: Any) -> SafeString:
        look = LOOKS[row.alarm]
        return state(look, self.word(row), look)


def by_health(rows: QuerySet[Any], look: str) -> QuerySet[Any]:
    return rows.filter(alarm=LOOKS.index(look))


def columns(health: _Health) -> tuple[Column, ...]:
    size = "backup/cells/size.html"
    return (
        Column("source", gettext_lazy("Source"), "name", ("source",), "backup/cells/source.html", fixed=True),
        Column("state", gettext_lazy("State"), health.word, sort=("alarm", "source"), html=health.shown),
        Column("finished_at", gettext_lazy("Last backup"), sort=("finished_at",), template="backup/cells/last.html"),
        Column("host", gettext_lazy("Machine"), sort=("host",)),
        Column("repository", gettext_lazy("Repository"), "repository.name", sort=("repository__name",)),
        Column("files", gettext_lazy("Files"), sort=("files",), numeric=True),
        Column("bytes", gettext_lazy("Size"), sort=("bytes",), template=size, numeric=True),
        Column(
            "growth", gettext_lazy("In 30 days"), sort=("growth",), template="backup/cells/growth.html", numeric=True
        ),
        Column("backups", gettext_lazy("Backups"), sort=("backups",), numeric=True),
        Column("stored", gettext_lazy("Space used"), sort=("stored",), template=size, numeric=True),
    )


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    table = Table(
        request,
        queries.counted(queries.newest(request.user, found)),
        columns(_Health(request, found)),
        name="sources",
        caption=_("Sources"),
        search=("source__icontains", "host__icontains"),
        filters=(Filter("state", _("State"), HEALTH, by_health), of_repositories(request, found)),
        order=("alarm", "source"),
        export="sources",
        empty={
            "icon": "database",
            "title": _("Nothing is backed up yet"),
            "text": _(
                "Each thing that is saved again and again is a source: a server’s folders, a database, a project."
            ),
        },
    )
    lead = _("What is saved, how old its newest backup is, and whether anything is wrong with it.")
    return answer(request, found, table, title=_("Sources of the backups"), lead=lead)


@reads
def growth(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """How a repository grows, or with ``?source=`` one source in it; as CSV where the address asks for it."""
    found = project_of(request, project)
    repository: Repository = access.fetch(queries.repositories(request.user, found), request.user, pk=pk)
    name = request.GET.get("source")
    rows = queries.newest(request.user, found).filter(repository=repository)
    sources = list(queries.counted(rows).order_by("source"))
    chosen = next((row for row in sources if row.source == name), None)
    if name is not None and chosen is None:
        raise Http404
    today = timezone.localdate()
    steps = queries.steps(request.user, found, repository, name)
    spans = growing.spans(steps, today)
    if request.GET.get("export") == "csv":
        audit.record(request.user, "backup.list_exported", repository, list="growth", rows=len(spans))
        return csv_file("backups-growth", [str(label) for label in growing.CSV], [each.row for each in spans])
    context = {
        "project": found,
        "repository": repository,
        "sources": sources,
        "source": chosen,
        "alerts": next(queries.told_of([chosen], queries.alerts(request.user, found)))[1] if chosen else [],
        "spans": spans[::-1],
        "plots": growing.plots(spans) if spans else [],
        "forecast": _forecast(repository, steps) if name is None else None,
        "latest": queries.snapshots(request.user, found).filter(repository=repository, source=name)[:8]
        if chosen
        else (),
        "tabs": tabs(request, found, "sources" if chosen else "repositories"),
        **rights(request, found),
    }
    return render(request, "backup/growth.html", context)


def _forecast(repository: Repository, steps: list[queries.Step]) -> queries.Forecast | None:
    """When its quota will be reached, where it has one."""
    if repository.quota is None:
        return None
    return queries.forecast(steps, repository.used, repository.quota, timezone.localdate())
