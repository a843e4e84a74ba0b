"""How many acts there were on each day: bars, with the numbers as a table behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from core.audit.models import Event
from core.journal import queries

USUAL, LONGEST = 30, 92
"""Days that are shown where none are asked for, and at most."""
HEIGHT = 96
WIDTH = 960


@dataclass(frozen=True)
class Bar:
    day: date
    count: int
    wrong: int
    x: float
    width: float
    top: float
    wrong_top: float

    @property
    def height(self) -> float:
        return HEIGHT - self.top

    @property
    def wrong_height(self) -> float:
        return HEIGHT - self.wrong_top


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    most: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def total(self) -> int:
        return sum(bar.count for bar in self.bars)


def chart(events: QuerySet[Event], chosen: dict[str, str]) -> Chart:
    """Of the days that the filters name, or of the last thirty; at most a quarter of a year."""
    today = timezone.localdate()
    last = min(parse_date(chosen.get("to", "")) or today, today)
    usual = last if last < date.min + timedelta(days=USUAL) else last - timedelta(days=USUAL - 1)
    first = parse_date(chosen.get("from", "")) or usual
    if last.toordinal() - first.toordinal() >= LONGEST:
        first = last - timedelta(days=LONGEST - 1)
    days = queries.by_day(events, first, last) if first <= last else []
    most = max((count for _day, count, _wrong in days), default=0)
    step = WIDTH / max(len(days), 1)
    scale = HEIGHT / max(most, 1)
    bars = [
        Bar(
            day,
            count,
            wrong,
            x=round(number * step, 1),
            width=round(max(step - 3, 1), 1),
            top=round(HEIGHT - count * scale, 1),
            wrong_top=round(HEIGHT - wrong * scale, 1),
        )
        for number, (day, count, wrong) in enumerate(days)
    ]
    return Chart(bars, most)
