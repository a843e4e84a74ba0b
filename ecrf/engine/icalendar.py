"""A calendar of whole days as iCalendar text (RFC 5545), for the calendars that people have already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

WIDTH = 75
"""So many octets fit on a line."""


@dataclass(frozen=True)
class Day:
    """Something on a whole day; `uid` stays the same from one download to the next."""

    uid: str
    on: date
    summary: str
    url: str = ""


def calendar(name: str, days: Iterable[Day], stamp: datetime) -> str:
    """The text of the file; `stamp` in UTC."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//InterHop//Suite//FR", f"X-WR-CALNAME:{escaped(name)}"]
    for one in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.uid}",
            f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{one.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(one.summary)}",
            *([f"URL:{one.url}"] if one.url else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def escaped(text: str) -> str:
    """What separates values is escaped; line breaks become theirs."""
    for mark, instead in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "")):
        text = text.replace(mark, instead)
    return text


def folded(line: str) -> str:
    """Long lines go on after a line break and a space; no character is cut in two."""
    parts, current = [], ""
    for character in line:
        if len((current + character).encode()) > WIDTH:
            parts.append(current)
            current = " "
        current += character
    return "\r\n".join([*parts, current])
