"""Dates and times without zone, canonically spelt: ``2026-11-23``, ``2026-11-23T14:05[:09]``, ``14:05[:09]``."""

from __future__ import annotations

import re
from datetime import date, datetime, time

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
EPOCH = date(1970, 1, 1).toordinal()


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


def write(moment: date | datetime | time) -> str:
    """Seconds are written only where there are some."""
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
