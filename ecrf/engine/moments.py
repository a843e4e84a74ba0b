"""Dates and times without zone, canonically spelt: ``2026-11-23``, ``2026-11-23T14:05[:09]``, ``14:05[:09]``.

A partial date is ``2026``, ``2026-11`` or ``2026-11-23``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
EPOCH = date(1970, 1, 1).toordinal()
LARGEST_SHIFT = 10**10


@dataclass(frozen=True, slots=True, eq=False)
class Partial:
    """A date of which the day, or the day and the month, may be unknown.

    Its comparisons by size have three values: true or false where that is so whatever the unknown part is, else None.
    """

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def earliest(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    def __eq__(self, other: object) -> bool:
        """Known to the same extent, and the same."""
        if isinstance(other, Partial):
            return (self.year, self.month, self.day) == (other.year, other.month, other.day)
        return self.day is not None and self.earliest == other

    def __hash__(self) -> int:
        return hash(self.earliest if self.day else (self.year, self.month))

    def __lt__(self, other: Partial | date) -> bool | None:
        first, last = span(other)
        return True if self.latest < first else False if self.earliest >= last else None

    def __le__(self, other: Partial | date) -> bool | None:
        first, last = span(other)
        return True if self.latest <= first else False if self.earliest > last else None

    def __gt__(self, other: Partial | date) -> bool | None:
        lower = self <= other
        return None if lower is None else not lower

    def __ge__(self, other: Partial | date) -> bool | None:
        lower = self < other
        return None if lower is None else not lower


def span(moment: Partial | date) -> tuple[date, date]:
    """The first and the last day that it may be."""
    return (moment.earliest, moment.latest) if isinstance(moment, Partial) else (moment, moment)


def coincide(a: Partial | date, b: Partial | date) -> bool | None:
    """Whether two dates, known in part, are one day; None where that can't be told."""
    (a1, a2), (b1, b2) = span(a), span(b)
    if a2 < b1 or b2 < a1:
        return False
    return True if a1 == a2 == b1 == b2 else None


def parse_partial(text: str) -> Partial | None:
    found = PARTIAL.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        date(year or 0, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return None
    return Partial(year or 0, month, day)


def parse_date(text: str) -> date | None:
    found = DATE.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    found = TIME.fullmatch(text)
    try:
        return time(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None
    except ValueError:
        return None


def parse_datetime(text: str) -> datetime | None:
    """A space in place of the T is read too."""
    day, clock = parse_date(text[:10]), parse_time(text[11:])
    return datetime.combine(day, clock) if day and clock and text[10:11] in ("T", " ") else None


def write(moment: date | datetime | time | Partial) -> str:
    """Seconds are written only where there are some."""
    if isinstance(moment, Partial):
        parts = [f"{moment.year:04}", *(f"{part:02}" for part in (moment.month, moment.day) if part)]
        return "-".join(parts)
    if isinstance(moment, datetime):
        return f"{moment.date().isoformat()}T{write(moment.time())}"
    if isinstance(moment, time):
        return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
    return moment.isoformat()


def seconds(moment: date | datetime | time) -> int:
    """Since 1970-01-01, or since midnight for a time of day."""
    if isinstance(moment, time):
        return moment.hour * 3600 + moment.minute * 60 + moment.second
    if isinstance(moment, datetime):
        return seconds(moment.date()) + seconds(moment.time())
    return (moment.toordinal() - EPOCH) * 86_400


def make(year: int, month: int, day: int) -> date | None:
    """A date of its parts; None where there is no such day."""
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


UNITS = {"d": 86_400, "w": 7 * 86_400, "h": 3_600, "m": 60}
SHIFTED_BY = {"date": "dwMy", "datetime": "dwMyhm", "time": "hm"}
"""The units by which a moment of each type is shifted."""


def shift(moment: date | time, many: int, unit: str) -> date | time | None:
    """So many units later; a month ends where its last day is. None outside the years 1 to 9999, or outside the day."""
    if abs(many) > LARGEST_SHIFT:
        return None
    if isinstance(moment, time):
        second = seconds(moment) + many * UNITS[unit]
        return time(second // 3_600, second // 60 % 60, second % 60) if 0 <= second < 86_400 else None
    try:
        if unit in UNITS:
            return moment + timedelta(seconds=many * UNITS[unit])
        months = moment.year * 12 + moment.month - 1 + many * (12 if unit == "y" else 1)
        year, month = months // 12, months % 12 + 1
        return moment.replace(year, month, min(moment.day, monthrange(year, month)[1]))
    except (ValueError, OverflowError):
        return None
