"""The lists of what there is: every backup, plan and repository, to be searched, narrowed, sorted and exported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backup import queries
from backup.models import Plan, Snapshot
from backup.queries import Watched
from backup.queries.plans import WORDS
from backup.web.forms import rhythm_words
from backup.web.home import project_of, rights
from backup.web.tabs import tabs
from core import audit
from core.access.models import Project
from core.web.table import Column, Filter, Table
from core.web.templatetags.web import state
from core.web.views import reads

KEPT = (
    ("kept", gettext_lazy("Still kept")),
    ("held", gettext_lazy("Held: no rule forgets it")),
    ("forgotten", gettext_lazy("Forgotten, can be recalled")),
    ("gone", gettext_lazy("Gone")),
)
WHOLE = (("whole", gettext_lazy("Whole")), ("partial", gettext_lazy("Not whole")))
SNAPSHOTS = (
    Column(
        "finished_at",
        gettext_lazy("Backup of"),
        sort=("finished_at",),
        template="backup/cells/snapshot.html",
        fixed=True,
    ),
    Column("source", gettext_lazy("Source"), "name", sort=("source",)),
    Column("host", gettext_lazy("Machine"), sort=("host",)),
    Column("plan", gettext_lazy("Plan"), "plan.name", sort=("plan__name",)),
    Column("repository", gettext_lazy("Repository"), "repository.name", sort=("repository__name",)),
    Column("state", gettext_lazy("State"), lambda row: row.is_whole, template="backup/cells/whole.html"),
    Column("kept", gettext_lazy("Still kept"), lambda row: kept(row), template="backup/cells/kept.html"),
    Column("files", gettext_lazy("Files"), sort=("files",), numeric=True),
    Column("bytes", gettext_lazy("Size"), sort=("bytes",), template="backup/cells/size.html", numeric=True),
    Column("added", gettext_lazy("Added"), sort=("added",), template="backup/cells/size.html", numeric=True),
)
REPOSITORIES = (
    Column("name", gettext_lazy("Repository"), sort=("name",), link=True),
    Column("key", gettext_lazy("Key"), "confirmed_at", template="backup/cells/key.html"),
    Column("used", gettext_lazy("Space used"), sort=("used",), template="backup/cells/used.html", numeric=True),
    Column("quota", gettext_lazy("Quota"), sort=("quota",), template="backup/cells/size.html", numeric=True),
    Column("snapshot_count", gettext_lazy("Backups"), sort=("snapshot_count",), numeric=True),
    Column("last_at", gettext_lazy("Last backup"), sort=("last_at",), template="backup/cells/ago.html"),
    Column("watched_at", gettext_lazy("Last looked at"), sort=("watched_at",), template="backup/cells/ago.html"),
)


def answer(request: HttpRequest, project: Project, table: Table, **context: Any) -> HttpResponse:
    """The list, or its file; who exported what is in the audit trail."""
    if table.exporting:
        audit.record(request.user, "backup.list_exported", project=project, list=table.name, rows=table.count)
        return table.csv()
    shown = {"project": project, "tabs": tabs(request, project, table.name), **rights(request, project), **context}
    return table.respond("backup/list.html", shown)


def of_repositories(request: HttpRequest, project: Project) -> Filter:
    names = queries.repository_names(request.user, project)
    return Filter("repository", _("Repository"), [(str(pk), name) for pk, name in names.items()])


def kept(row: Snapshot) -> str:
    if row.gone_at is not None:
        return "gone"
    if row.forgotten_at is not None:
        return "forgotten"
    return "held" if row.held else "kept"


def by_kept(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "gone":
        return rows.filter(gone_at__isnull=False)
    if value == "forgotten":
        return rows.filter(gone_at=None, forgotten_at__isnull=False)
    living = rows.filter(gone_at=None, forgotten_at=None)
    return living.filter(held=True) if value == "held" else living


def by_whole(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    whole = {"unread": 0, "store_differs": False}
    return rows.filter(**whole) if value == "whole" else rows.exclude(**whole)


def since(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    day = date.fromisoformat(value)
    return rows.filter(finished_at__gte=queries.bounds(day, day)[0])


def until(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    day = date.fromisoformat(value)
    return rows.filter(finished_at__lt=queries.bounds(day, day)[1])


@reads
def snapshots(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    plans = queries.plans(request.user, found).order_by("name").values_list("pk", "name")
    table = Table(
        request,
        queries.snapshots(request.user, found),
        SNAPSHOTS,
        name="snapshots",
        caption=_("All backups"),
        search=("source__icontains", "host__icontains", "plan__name__icontains"),
        filters=(
            of_repositories(request, found),
            Filter("state", _("State"), WHOLE, by_whole),
            Filter("kept", _("Still kept"), KEPT, by_kept),
            Filter("plan", _("Plan"), [(str(pk), name) for pk, name in plans], rare=True),
            Filter("source", _("Source"), is_text=True, rare=True),
            Filter("host", _("Machine"), is_text=True, rare=True),
            Filter("from", _("From"), lookup=since, is_day=True, rare=True),
            Filter("to", _("Until"), lookup=until, is_day=True, rare=True),
        ),
        order=("-finished_at",),
        export="backups",
        empty={
            "icon": "archive",
            "title": _("No backup yet"),
            "text": _("What plans and machines save appears here, as long as it is kept."),
        },
    )
    return answer(request, found, table, title=_("All backups"))


class _Watch:
    """How the plans of a list stand, asked once and only where somebody looks."""

    def __init__(self, plans: QuerySet[Plan]) -> None:
        self.plans = plans

    @cached_property
    def by_plan(self) -> dict[Any, Watched]:
        return {each.plan.pk: each for each in queries.watch_each(list(self.plans))}

    def look(self, row: Plan) -> str:
        return str(self.by_plan[row.pk].word)

    def shown(self, row: Plan) -> SafeString:
        each = self.by_plan[row.pk]
        return state(each.look, each.word, each.look)

    def last(self, row: Plan) -> Any:
        return self.by_plan[row.pk].success_at

    def next(self, row: Plan) -> Any:
        return self.by_plan[row.pk].next_at

    def filter(self, rows: QuerySet[Plan], look: str) -> QuerySet[Plan]:
        return rows.filter(pk__in=[pk for pk, each in self.by_plan.items() if each.look == look])


def plan_columns(watch: _Watch) -> tuple[Column, ...]:
    rhythm: Callable[[Plan], str] = lambda row: rhythm_words(row.every)  # noqa: E731
    return (
        Column("name", gettext_lazy("Plan"), sort=("name",), link=True),
        Column("state", gettext_lazy("State"), watch.look, html=watch.shown),
        Column("last", gettext_lazy("Last success"), watch.last, template="backup/cells/ago.html"),
        Column("next", gettext_lazy("Next run"), watch.next, template="backup/cells/when.html"),
        Column("every", gettext_lazy("When"), rhythm),
        Column("agent", gettext_lazy("Done by"), "agent.name", sort=("agent__name",), template="backup/cells/by.html"),
        Column("source", gettext_lazy("Source"), sort=("source",)),
        Column("repository", gettext_lazy("Repository"), "repository.name", sort=("repository__name",)),
    )


@reads
def plans(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    rows = queries.plans(request.user, found)
    watch = _Watch(rows)
    empty = {
        "icon": "calendar-plus",
        "title": _("No plan yet"),
        "text": _("A plan says what is saved, where to and when. It then runs by itself."),
    }
    held = rights(request, found)
    if held["may_manage"]:
        empty |= {"url": reverse("backup:plan-create", args=[found.slug]), "action": _("Plan a backup")}
    table = Table(
        request,
        rows,
        plan_columns(watch),
        name="plans",
        caption=_("Plans"),
        search=("name__icontains", "source__icontains", "agent__name__icontains", "agent__host__icontains"),
        filters=(Filter("state", _("State"), list(WORDS.items()), watch.filter), of_repositories(request, found)),
        order=("-ended_at", "name"),  # PostgreSQL puts those without an end first
        export="plans",
        empty=empty,
    )
    return answer(request, found, table, title=_("Backup plans"))


@reads
def repositories(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    empty = {
        "icon": "shield-lock",
        "title": _("There is no repository to save to"),
        "text": _("The data controller of the project makes the first repository and receives its key."),
    }
    if rights(request, found)["may_create"]:
        empty |= {"url": reverse("backup:repository-create", args=[found.slug]), "action": _("Make a repository")}
    table = Table(
        request,
        queries.repositories(request.user, found),
        REPOSITORIES,
        name="repositories",
        caption=_("Repositories"),
        search=("name__icontains",),
        order=("name",),
        export="repositories",
        empty=empty,
    )
    return answer(request, found, table, title=_("Backup repositories"))
