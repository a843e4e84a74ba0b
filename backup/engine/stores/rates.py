"""How fast a store may be used, and when: `500k`, `08:00-18:00=500k`, `mon-fri 08:00-18:00=2M:0`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from backup.engine.errors import BackupError

UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RATE = re.compile(r"(\d+(?:\.\d+)?)([kMG]?)")
_WINDOW = re.compile(r"(?:(?P<days>[a-z]{3}(?:-[a-z]{3})?) +)?(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)=(?P<rates>\S+)")


@dataclass(frozen=True)
class Rates:
    """Bytes a second; None is no limit, 0 is a pause."""

    upload: float | None = None
    download: float | None = None


@dataclass(frozen=True)
class Window:
    """Rates for a part of a day. One that ends before it begins goes past midnight, and is of the day it begins."""

    start: time
    end: time
    rates: Rates
    days: frozenset[int] = frozenset(range(7))

    def covers(self, when: datetime) -> bool:
        now, day = when.time(), when.weekday()
        if self.start < self.end:
            return day in self.days and self.start <= now < self.end
        return (day in self.days and now >= self.start) or ((day - 1) % 7 in self.days and now < self.end)


@dataclass(frozen=True)
class Schedule:
    """The rates outside of all windows, and the windows; where two overlap, the first counts."""

    rates: Rates
    windows: Sequence[Window] = ()
    zone: tzinfo | None = None
    """None is the zone of this machine."""

    def at(self, seconds: float) -> Rates:
        """The rates at a time since 1970."""
        when = datetime.fromtimestamp(seconds, self.zone)
        return next((window.rates for window in self.windows if window.covers(when)), self.rates)

    def of(self, direction: str, clock: Callable[[], float]) -> Callable[[], float | None]:
        """What is allowed now, for `upload` or `download`."""
        return lambda: getattr(self.at(clock()), direction)


def parse_rate(text: str) -> float | None:
    """`500k` is 500,000 bytes a second, `0` a pause, `off` no limit. Raises BackupError."""
    if text == "off":
        return None
    if not (found := _RATE.fullmatch(text)):
        raise BackupError(f"{text!r} is no rate: write 500k, 2M, 0 or off")
    return float(found[1]) * UNITS[found[2]]


def parse_rates(text: str) -> Rates:
    """One rate for both ways, or `up:down`."""
    upload, colon, download = text.partition(":")
    return Rates(parse_rate(upload), parse_rate(download if colon else upload))


def parse_window(text: str) -> Window:
    """`08:00-18:00=500k`, with days before it where it isn't for all. Raises BackupError."""
    found = _WINDOW.fullmatch(text.strip())
    if not found:
        raise BackupError(f"{text!r} is no window: write mon-fri 08:00-18:00=500k")
    try:
        start, end = time.fromisoformat(found["start"]), time.fromisoformat(found["end"])
        first, _dash, last = (found["days"] or "mon-sun").partition("-")
        begin, until = DAYS.index(first), DAYS.index(last or first)
    except ValueError as error:
        raise BackupError(f"{text!r}: {error}") from error
    days = frozenset((begin + number) % 7 for number in range((until - begin) % 7 + 1))
    return Window(start, end, parse_rates(found["rates"]), days)
