"""When something is due again: ``daily 02:30``, ``weekly mon 03:00``, ``monthly 1 04:00``, ``every 15 min``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}
FORMS = re.compile(
    r"daily (?P<daily>\d\d:\d\d)"
    r"|weekly (?P<weekday>[a-z]{3}) (?P<weekly>\d\d:\d\d)"
    r"|monthly (?P<day>\d{1,2}) (?P<monthly>\d\d:\d\d)"
    r"|every (?P<number>\d{1,4}) (?P<unit>min|h)"
)


@dataclass(frozen=True)
class Interval:
    """Every so often on the clock of the world, whatever the local clocks do."""

    step: timedelta

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return epoch + ((moment - epoch) // self.step + 1) * self.step


@dataclass(frozen=True)
class OnDays:
    """At a local time on some days: those of a weekday, of a number in the month, or all.

    A time skipped in spring comes as much later as the clock jumps; one that comes twice in autumn counts once.
    """

    at: time
    weekday: int | None = None
    day: int | None = None

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        for day in self._days(moment.astimezone(zone).date()):
            due = datetime.combine(day, self.at, zone).astimezone(UTC)
            if due > moment:
                return due
        raise AssertionError("some day fits in any two months")

    def _days(self, first: date) -> Iterator[date]:
        return (day for number in range(62) if self._fits(day := first + timedelta(days=number)))

    def _fits(self, day: date) -> bool:
        return self.weekday in (None, day.weekday()) and self.day in (None, day.day)


Rhythm = Interval | OnDays


def parse(words: str) -> Rhythm:
    """Raises ValueError for what names no rhythm."""
    found = FORMS.fullmatch(words)
    if found is None:
        raise ValueError(f"{words!r} is not a rhythm such as «daily 02:30», «weekly mon 03:00» or «every 15 min»")
    if found["number"]:
        step = int(found["number"]) * UNITS[found["unit"]]
        if step < timedelta(minutes=1):
            raise ValueError("no rhythm is faster than a minute")
        return Interval(step)
    at = time.fromisoformat(found["daily"] or found["weekly"] or found["monthly"])
    if found["daily"]:
        return OnDays(at)
    if found["weekly"]:
        if found["weekday"] not in WEEKDAYS:
            raise ValueError(f"{found['weekday']!r} is no day: say one of {', '.join(WEEKDAYS)}")
        return OnDays(at, weekday=WEEKDAYS.index(found["weekday"]))
    number = int(found["day"])
    if not 1 <= number <= 28:
        raise ValueError("a day of the month lies between 1 and 28, so that every month has it")
    return OnDays(at, day=number)
