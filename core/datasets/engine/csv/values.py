"""Read one cell as a value of a type. Each reader takes the stripped text and raises ValueError."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "boolean": pa.bool_(),
}
MISSING = frozenset({"", "NA", "NULL"})
"""Cells without a value."""
YES, NO = ("true", "vrai", "oui", "yes"), ("false", "faux", "non", "no")

EXACT_DIGITS = 15
"""Digits before the point up to which every whole number is a float of its own."""

_integer = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
_number = {
    ".": re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?"),
    ",": re.compile(r"[+-]?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:[ \u00a0\u202f][0-9]{3})+)(?:,[0-9]+)?"),
}
_spaces = str.maketrans({" ": None, "\u00a0": None, "\u202f": None, ",": "."})
_iso = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_parts = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_clock = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,6}))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")


@dataclass(frozen=True)
class Notation:
    """How a file writes numbers and dates."""

    decimal: str = "."
    """``.`` or ``,``; with a comma, thousands may be set apart by spaces."""
    day_first: bool = True
    """03/04/2026 is the 3rd of April."""


def readers(notation: Notation) -> dict[str, Callable[[str], Any]]:
    """Type -> the function that reads a cell of it."""
    return {
        "text": str,
        "integer": integer,
        "number": lambda text: number(text, notation.decimal),
        "date": lambda text: day(text, notation.day_first),
        "datetime": lambda text: moment(text, notation.day_first),
        "boolean": boolean,
    }


def integer(text: str) -> int:
    """A whole number of at most 18 digits. Zeros in front make it a code, which is text."""
    if not _integer.fullmatch(text):
        raise ValueError(text)
    return int(text)


def number(text: str, decimal: str) -> float:
    """A number with this decimal sign. Zeros in front are refused, and what a float can't tell from its neighbour."""
    plain = text.translate(_spaces) if decimal == "," else text
    if not _number[decimal].fullmatch(text) or len(plain.lstrip("+-").partition(".")[0]) > EXACT_DIGITS:
        raise ValueError(text)
    return float(plain)


def boolean(text: str) -> bool:
    """A yes or no in words; 0 and 1 are integers."""
    if (word := text.lower()) not in YES + NO:
        raise ValueError(text)
    return word in YES


def day(text: str, day_first: bool) -> date:
    """2026-11-23, or 23/11/2026 with ``/``, ``.`` or ``-``, the day first or the month."""
    if match := _iso.fullmatch(text):
        year, month, number_ = match.groups()
        return date(int(year), int(month), int(number_))
    if match := _parts.fullmatch(text):
        one, _sign, two, year = match.groups()
        number_, month = (one, two) if day_first else (two, one)
        return date(int(year), int(month), int(number_))
    raise ValueError(text)


def moment(text: str, day_first: bool) -> datetime:
    """A day and a time of day; one with an offset is brought to UTC, one without is kept as it is."""
    head, sign, tail = text.partition("T") if "T" in text else text.partition(" ")
    match = _clock.fullmatch(tail.strip())
    if not sign or not match:
        raise ValueError(text)
    hour, minute, second, fraction, offset = match.groups()
    found = datetime.combine(day(head, day_first), datetime.min.time()).replace(
        hour=int(hour), minute=int(minute), second=int(second or 0), microsecond=int((fraction or "").ljust(6, "0"))
    )
    if offset:
        zone = datetime.strptime(offset.replace("Z", "+0000").replace(":", ""), "%z").tzinfo
        try:
            found = found.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
        except OverflowError:  # in the first or last hours of the calendar
            raise ValueError(text) from None
    return found
