"""Dates and times without zone, canonically spelt: ``2026-11-23``, ``2026-11-23T14:05[:09]``, ``14:05[:09]``."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta

from ecrf.engine.partial import Partial, parse_partial

__all__ = [
    "Partial",
    "make",
    "parse_date",
    "parse_datetime",
    "parse_partial",
    "parse_time",
    "seconds",
    "shift",
    "write",
]

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
EPOCH = date(1970, 1, 1).toordinal()
LARGEST_SHIFT = 10**10


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
