"""Drawings of the overview: which day each source was saved, how the backups grow, how much deduplication spares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from backup.models import Snapshot
from backup.queries import Source

DAYS = 35
WIDTH, HEIGHT = 720, 160
GROWS_BY = ("repository", "source", "bytes", "added", "finished_at")
"""What of a backup the curve of growth needs."""
_LOW = 4
"""Room below the curve, so that zero is seen."""


@dataclass(frozen=True)
class Day:
    """One day of a source: how many backups, and whether all of them were whole."""

    day: date
    count: int
    whole: bool

    @property
    def look(self) -> str:
        if not self.count:
            return "none"
        return "done" if self.whole else "warning"


@dataclass(frozen=True)
class Line:
    source: Source
    days: Sequence[Day]


@dataclass(frozen=True)
class Calendar:
    days: Sequence[date]
    lines: Sequence[Line]


def calendar(sources: Sequence[Source], now: datetime) -> Calendar:
    """The last five weeks, a line for each source."""
    today = timezone.localtime(now).date()
    days = [today - timedelta(days=number) for number in range(DAYS - 1, -1, -1)]
    return Calendar(days, [Line(source, _days(source.recent, days)) for source in sources])


def _days(snapshots: Sequence[Snapshot], days: Sequence[date]) -> list[Day]:
    by_day: dict[date, list[Snapshot]] = defaultdict(list)
    for snapshot in snapshots:
        by_day[timezone.localtime(snapshot.finished_at).date()].append(snapshot)
    return [Day(day, len(by_day[day]), all(one.is_whole for one in by_day[day])) for day in days]


@dataclass(frozen=True)
class Point:
    day: date
    held: int
    """What the backups of all sources hold, each counted with its newest."""
    stored: int
    """What they take, since the first."""
    x: float
    held_y: float
    stored_y: float


@dataclass(frozen=True)
class Growth:
    points: Sequence[Point]
    top: int

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def held(self) -> str:
        """The curve of what is held, as an SVG polyline takes it."""
        return " ".join(f"{point.x:.1f},{point.held_y:.1f}" for point in self.points)

    @property
    def stored(self) -> str:
        return " ".join(f"{point.x:.1f},{point.stored_y:.1f}" for point in self.points)

    @property
    def last(self) -> Point:
        return self.points[-1]


def growth(snapshots: Sequence[Snapshot], now: datetime) -> Growth | None:
    """Day by day, what the newest backups hold against what all of them take. None for too few days."""
    if not snapshots:
        return None
    ordered = sorted(snapshots, key=lambda one: one.finished_at)
    first = timezone.localtime(ordered[0].finished_at).date()
    last = timezone.localtime(now).date()
    newest: dict[tuple[object, str], int] = {}
    stored = 0
    by_day: dict[date, tuple[int, int]] = {}
    for snapshot in ordered:
        newest[snapshot.repository_id, snapshot.source] = snapshot.bytes
        stored += snapshot.added
        by_day[timezone.localtime(snapshot.finished_at).date()] = (sum(newest.values()), stored)
    days = (last - first).days
    if days < 2:
        return None
    values: list[tuple[date, int, int]] = []
    now_held = now_stored = 0
    for number in range(days + 1):
        day = first + timedelta(days=number)
        now_held, now_stored = by_day.get(day, (now_held, now_stored))
        values.append((day, now_held, now_stored))
    top = max(max(held, kept) for _day, held, kept in values) or 1

    def height(value: int) -> float:
        return (HEIGHT - _LOW) * (1 - value / top)

    points = [
        Point(day, held, kept, WIDTH * number / days, height(held), height(kept))
        for number, (day, held, kept) in enumerate(values)
    ]
    return Growth(points, top)
