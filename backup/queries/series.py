"""How backups grow: day by day what the newest hold, what was added, and how much of it was new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from backup.models import Repository

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

LOOKED_AT = 12
"""Weeks that say how fast it grows."""
FEWEST = 4
LONGEST = 520
"""Weeks: what lies beyond is as good as never."""

_STEPS = """
    SELECT least((finished_at AT TIME ZONE %(zone)s)::date, %(today)s) AS day, count(*),
           sum(bytes - before), sum(bytes), sum(added), sum(fresh), sum(dense), sum(changed)
    FROM (
        SELECT finished_at, bytes, added, fresh, dense, changed,
               lead(bytes, 1, 0::bigint) OVER (
                   PARTITION BY repository_id, source ORDER BY finished_at DESC
               ) AS before
        FROM backup_snapshot
        WHERE repository_id = ANY(%(repositories)s) AND gone_at IS NULL AND forgotten_at IS NULL {narrow}
    ) AS each
    GROUP BY 1 ORDER BY 1
"""
"""A sum of differences to the backup before is what the newest of all sources hold; PostgreSQL sums, however many."""


@dataclass(frozen=True)
class Step:
    """What the backups that ended on one day have changed."""

    day: date
    count: int
    grown: int
    """By how much more, or less, the newest backups hold."""
    read: int
    """Bytes that those of the day hold together, whether or not these were held before."""
    added: int
    fresh: int
    dense: int
    changed: int


def steps(
    actor: Actor, project: Project, repository: Repository | None = None, source: str | None = None
) -> list[Step]:
    """The days with backups that are kept, oldest first: of a project, of a repository, or of one source in it."""
    rows = Repository.objects.visible_to(actor).filter(project=project)
    if repository is not None:
        rows = rows.filter(pk=repository.pk)
    values: dict[str, Any] = {
        "repositories": list(rows.values_list("pk", flat=True)),
        "zone": timezone.get_current_timezone_name(),
        "today": timezone.localdate(),
        "source": source,
    }
    narrow = "" if source is None else "AND source = %(source)s"
    with connection.cursor() as cursor:
        cursor.execute(_STEPS.format(narrow=narrow), values)
        return [Step(day, *map(int, numbers)) for day, *numbers in cursor.fetchall()]


@dataclass(frozen=True)
class Forecast:
    """When a limit will be reached: after so many weeks; None where nobody can tell, and why."""

    weeks: int | None
    why: str = ""
    """full, young (too few weeks were seen), still (it doesn't grow) or far."""


def forecast(found: Sequence[Step], used: int, limit: int, today: date) -> Forecast:
    """By the median of what was added in each of the last weeks; what will be forgotten meanwhile isn't known."""
    if used >= limit:
        return Forecast(0, "full")
    weeks = min((today - found[0].day).days // 7, LOOKED_AT) if found else 0
    if weeks < FEWEST:
        return Forecast(None, "young")
    by_week = [0] * weeks
    for step in found:
        age = (today - step.day).days // 7
        if age < weeks:
            by_week[age] += step.added
    pace = median(by_week)
    if pace <= 0:
        return Forecast(None, "still")
    left = (limit - used) / pace
    return Forecast(None, "far") if left > LONGEST else Forecast(max(1, round(left)))


def first_day(found: Sequence[Step], today: date, most: timedelta) -> date:
    """Where a curve begins: with the first backup, but no longer ago than this."""
    return max(found[0].day, today - most) if found else today
