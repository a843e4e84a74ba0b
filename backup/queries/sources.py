"""Rows of backups: each source with its newest backup, its age and what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import RawSQL

from backup.models import Alert, Repository, Snapshot

if TYPE_CHECKING:
    from django.db.models import Model

    from core.access.models import Project
    from core.access.scope import Actor

M = TypeVar("M", bound="Model")
LOOKS = ("failed", "warning", "done")
"""How a source stands, the worst first, as `alarm` numbers them."""
TREND = timedelta(days=30)


@dataclass
class Source:
    """One row of backups in one repository."""

    newest: Snapshot
    count: int
    stored: int
    alerts: list[Alert] = field(default_factory=list)
    """What is wrong with it, the severe first."""

    @property
    def name(self) -> str:
        return self.newest.name

    @property
    def repository(self) -> Repository:
        return self.newest.repository

    @property
    def kinds(self) -> list[str]:
        return [alert.kind for alert in self.alerts]

    @property
    def look(self) -> str:
        if any(alert.is_severe for alert in self.alerts):
            return "failed"
        return "warning" if self.alerts else "done"


_NEWEST = """
    WITH RECURSIVE newest AS (
        SELECT found.* FROM unnest(%s::uuid[]) AS place(id), LATERAL (
            SELECT id, repository_id, source FROM backup_snapshot
            WHERE repository_id = place.id AND gone_at IS NULL AND forgotten_at IS NULL
            ORDER BY source, finished_at DESC LIMIT 1
        ) AS found
        UNION ALL
        SELECT found.* FROM newest, LATERAL (
            SELECT id, repository_id, source FROM backup_snapshot
            WHERE repository_id = newest.repository_id AND source > newest.source
              AND gone_at IS NULL AND forgotten_at IS NULL
            ORDER BY source, finished_at DESC LIMIT 1
        ) AS found
    )
    SELECT id FROM newest
"""
"""From source to source along the index backups_of_source: it costs what there are of sources, not of backups."""


def newest(actor: Actor, project: Project | None = None) -> QuerySet[Snapshot]:
    """The newest backup of each source that this person may see: a source is what its backups are called."""
    places = list(_of(Repository.objects.visible_to(actor), project).values_list("pk", flat=True))
    found = RawSQL(_NEWEST, [places])  # noqa: S611 (ids of ours, as parameters)
    return Snapshot.objects.filter(pk__in=found).select_related("repository", "plan", "project")


def counted(rows: QuerySet[Snapshot]) -> QuerySet[Any]:
    """These newest backups with `backups`, `stored`, `alarm` (of LOOKS) and `before`, the size a month earlier."""
    same = Snapshot.objects.filter(
        repository=OuterRef("repository"), source=OuterRef("source"), gone_at=None, forgotten_at=None
    )
    whole = same.order_by().values("source")
    earlier = same.filter(finished_at__lte=OuterRef("finished_at") - TREND).order_by("-finished_at")
    return rows.annotate(
        backups=Subquery(whole.annotate(found=Count("pk")).values("found")),
        stored=Subquery(whole.annotate(found=Sum("added")).values("found")),
        before=Subquery(earlier.values("bytes")[:1]),
        growth=F("bytes") - F("before"),
        alarm=_alarm(),
    )


def _alarm() -> Case:
    """What `told_of` says in Python, for lists that sort by it."""
    about = (
        (Q(plan=None, source=OuterRef("source")) & ~Q(source=""))
        | Q(plan=OuterRef("plan"))
        | (Q(plan__source=OuterRef("source")) & ~Q(plan__source=""))
    )
    wrong = Alert.objects.filter(about, repository=OuterRef("repository"), resolved_at=None)
    return Case(
        When(Exists(wrong.filter(kind__in=Alert.SEVERE)), then=Value(0)),
        When(Exists(wrong), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )


def told_of(rows: Iterable[Snapshot], wrong: Iterable[Alert]) -> Iterator[tuple[Snapshot, list[Alert]]]:
    """Each of these newest backups with the alerts that are about its source or its plan, the severe first."""
    by_source: dict[tuple[object, str], list[Alert]] = defaultdict(list)
    by_plan: dict[object, list[Alert]] = defaultdict(list)
    for alert in sorted(wrong, key=lambda one: not one.is_severe):
        if source := alert.plan.source if alert.plan else alert.source:
            by_source[alert.repository_id, source].append(alert)
        elif alert.plan:
            by_plan[alert.plan_id].append(alert)
    for row in rows:
        yield row, by_source[row.repository_id, row.source] + by_plan[row.plan_id]


def sources(actor: Actor, project: Project, most: int | None = None) -> tuple[list[Source], int]:
    """So many of the sources that this person sees, those with something wrong first; and how many there are."""
    told = told_of(newest(actor, project), alerts(actor, project))
    found = sorted(
        (Source(row, 0, 0, wrong) for row, wrong in told),
        key=lambda source: (LOOKS.index(source.look), source.name.casefold()),
    )
    shown = found[:most]
    wanted = Snapshot.objects.filter(pk__in=[source.newest.pk for source in shown])
    totals = {row.pk: row for row in counted(wanted)}
    for source in shown:
        source.count, source.stored = totals[source.newest.pk].backups, totals[source.newest.pk].stored
    return shown, len(found)


def alerts(actor: Actor, project: Project | None = None) -> QuerySet[Alert]:
    """What is wrong at the moment, the newest first."""
    return all_alerts(actor, project).filter(resolved_at=None).order_by("-created_at")


def all_alerts(actor: Actor, project: Project | None = None) -> QuerySet[Alert]:
    """What is and what was wrong, with `rank`: what lasts first, of that the severe."""
    rank = Case(
        When(resolved_at__isnull=False, then=Value(2)),
        When(kind__in=Alert.SEVERE, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    rows = _of(Alert.objects.visible_to(actor), project).annotate(rank=rank)
    return rows.select_related("repository", "plan", "project", "quieted_by")


def _of(rows: QuerySet[M], project: Project | None) -> QuerySet[M]:
    """Those of one project, or of all that the reader sees."""
    return rows if project is None else rows.filter(project=project)
