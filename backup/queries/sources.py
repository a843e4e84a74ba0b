"""Rows of backups: each source with its newest backup, its age and what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from backup.models import Alert, Repository, Snapshot

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

SHOWN = timedelta(days=35)
"""What the calendar and the small curves go back to."""
_MOST = 20_000
"""Backups that one page counts at most."""


@dataclass
class Source:
    """One row of backups in one repository."""

    name: str
    repository: Repository
    newest: Snapshot
    count: int
    stored: int
    recent: list[Snapshot] = field(default_factory=list)
    """Those of the last weeks, oldest first."""
    alerts: list[Alert] = field(default_factory=list)

    @property
    def look(self) -> str:
        if any(alert.is_severe for alert in self.alerts):
            return "failed"
        return "warning" if self.alerts else "done"


def alerts(actor: Actor, project: Project) -> QuerySet[Alert]:
    """What is wrong at the moment, the severe first."""
    rows = Alert.objects.visible_to(actor).filter(project=project, resolved_at=None)
    return rows.select_related("repository", "plan", "project", "quieted_by").order_by("-created_at")


def sources(actor: Actor, project: Project, now: datetime | None = None) -> list[Source]:
    """Every row of backups that this person may see, those with something wrong first; in four queries."""
    since = (now or timezone.now()) - SHOWN
    living = Snapshot.objects.visible_to(actor).filter(project=project, gone_at=None, forgotten_at=None)
    totals: dict[tuple[object, str], dict[str, Any]] = {
        (row["repository"], row["source"]): dict(row)
        for row in living.values("repository", "source").annotate(count=Count("pk"), stored=Sum("added"))
    }
    newest = living.order_by("repository_id", "source", "-finished_at").distinct("repository_id", "source")
    recent: dict[tuple[object, str], list[Snapshot]] = defaultdict(list)
    for snapshot in living.filter(finished_at__gte=since).order_by("finished_at")[:_MOST]:
        recent[snapshot.repository_id, snapshot.source].append(snapshot)
    wrong: dict[tuple[object, str], list[Alert]] = defaultdict(list)
    for alert in alerts(actor, project):
        wrong[alert.repository_id, alert.source or (alert.plan.source if alert.plan else "")].append(alert)
    found = []
    for snapshot in newest.select_related("repository", "plan", "project"):
        key = (snapshot.repository_id, snapshot.source)
        total = totals.get(key, {"count": 1, "stored": snapshot.added})
        found.append(
            Source(
                name=snapshot.source or (snapshot.plan.name if snapshot.plan else ""),
                repository=snapshot.repository,
                newest=snapshot,
                count=total["count"],
                stored=total["stored"] or 0,
                recent=recent[key],
                alerts=wrong[key],
            )
        )
    order = {"failed": 0, "warning": 1, "done": 2}
    return sorted(found, key=lambda source: (order[source.look], source.name.casefold()))
