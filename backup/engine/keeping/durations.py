"""Spans of time as people write them (`30d`, `1y6m`), counted back on the calendar."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta

_PARTS = re.compile(r"(\d{1,6})([ymwdh])")
_NAMES = {"y": "years", "m": "months", "w": "weeks", "d": "days", "h": "hours"}


@dataclass(frozen=True)
class Duration:
    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0

    @classmethod
    def parse(cls, text: str) -> Duration:
        """`1y6m` is a year and six months; the units are y, m, w, d and h, each once. Raises ValueError."""
        found = _PARTS.findall(text)
        units = [unit for _, unit in found]
        if not found or "".join(count + unit for count, unit in found) != text or len(set(units)) != len(units):
            raise ValueError(f"{text!r} is no span of time: write it like 30d, 12h or 1y6m")
        return cls(**{_NAMES[unit]: int(count) for count, unit in found})

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))

    def __str__(self) -> str:
        counts = ((getattr(self, one.name), one.name) for one in fields(self))
        return " ".join(f"{count} {name if count > 1 else name[:-1]}" for count, name in counts if count)

    def before(self, moment: datetime) -> datetime:
        """The moment that lies so far back: years to days by the calendar of its time zone, hours by the clock.

        Where the month has no such day, it is the month's last.
        """
        months = moment.year * 12 + moment.month - 1 - (self.years * 12 + self.months)
        if months < 12:
            return datetime.min.replace(tzinfo=UTC)
        year, month = divmod(months, 12)
        day = date(year, month + 1, min(moment.day, monthrange(year, month + 1)[1]))
        try:
            day -= timedelta(days=self.days + 7 * self.weeks)
            local = datetime.combine(day, time(moment.hour, moment.minute, moment.second, moment.microsecond))
            return local.replace(tzinfo=moment.tzinfo, fold=moment.fold).astimezone(UTC) - timedelta(hours=self.hours)
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
