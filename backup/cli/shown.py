"""Sizes, times and names as people read them."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, datetime

from backup.cli import words
from backup.cli.words import _

SECOND = 1_000_000_000
_POWERS = ("k", "M", "G", "T", "P", "E")


def size(count: float) -> str:
    """Bytes with three digits: 1.53 GB, 1,53 Go."""
    unit, power = ("o" if words.language == "fr" else "B"), 0
    while count >= 999.5 and power < len(_POWERS):
        count, power = count / 1000, power + 1
    digits = 0 if not power else max(0, 2 - int(math.log10(max(count, 1))))
    text = f"{count:.{digits}f}"
    if words.language == "fr":
        text = text.replace(".", ",")
    return f"{text}\u00a0{_POWERS[power - 1] if power else ''}{unit}"


def moment(nanoseconds: int) -> str:
    """A time on this machine's clock, to the minute."""
    return _at(nanoseconds).astimezone().strftime("%d/%m/%Y %H:%M" if words.language == "fr" else "%Y-%m-%d %H:%M")


def stamp(nanoseconds: int) -> str:
    """A time for programs: RFC 3339 in UTC."""
    return _at(nanoseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def duration(seconds: float) -> str:
    """How long something took or will take: 4.2 s, 3 min 07 s, 2 h 05 min."""
    if seconds < 10:
        text = f"{seconds:.1f}\u00a0s"
        return text.replace(".", ",") if words.language == "fr" else text
    whole = round(seconds)
    if whole < 60:
        return f"{whole}\u00a0s"
    if whole < 3600:
        return f"{whole // 60}\u00a0min {whole % 60:02}\u00a0s"
    return f"{whole // 3600}\u00a0h {whole % 3600 // 60:02}\u00a0min"


def path(name: bytes) -> str:
    """A name for a terminal: what isn't text, or would move its cursor, is escaped."""
    return line(name.decode(errors="backslashreplace"))


def line(text: str) -> str:
    """A text without anything that acts on a terminal or begins another line."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign == "\u00a0" else _escaped(sign) for sign in text)


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def yes(value: object) -> str:
    return _("yes") if value else _("no")


def _at(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(min(max(nanoseconds / SECOND, -62_000_000_000), 253_000_000_000), UTC)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape", "surrogatepass").decode()
