"""Dates known in part: ``2026``, ``2026-11`` or ``2026-11-23``."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


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
