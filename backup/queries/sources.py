"""Rows of backups: each source with its newest backup, its age and what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When

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


def newest(actor: Actor, project: Project | None = None) -> QuerySet[Snapshot]:
    """The newest backup of each source that this person may see: a source is what its backups are called."""
    living = _of(Snapshot.objects.visible_to(actor), project).filter(gone_at=None, forgotten_at=None)
    order = ("repository_id", "source", "-finished_at", "-sequence")
    first = living.order_by(*order).distinct("repository_id", "source").values("pk")
    return Snapshot.objects.filter(pk__in=first).select_related("repository", "plan", "project")


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


def sources(actor: Actor, project: Project) -> list[Source]:
    """Every row of backups that this person may see, those with something wrong first; in three queries."""
    living = Snapshot.objects.visible_to(actor).filter(project=project, gone_at=None, forgotten_at=None)
    totals: dict[tuple[object, str], dict[str, Any]] = {
        (row["repository"], row["source"]): dict(row)
        for row in living.order_by().values("repository", "source").annotate(count=Count("pk"), stored=Sum("added"))
    }
    found = [
        Source(row, total["count"], total["stored"] or 0, wrong)
        for row, wrong in told_of(newest(actor, project), alerts(actor, project))
        if (total := totals.get((row.repository_id, row.source)))
    ]
    return sorted(found, key=lambda source: (LOOKS.index(source.look), source.name.casefold()))


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
