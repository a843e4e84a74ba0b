"""A value of an item, read and spelt in its one canonical way: a text, a list of codes, or null.

Numbers too are texts (``"12.5"``), so that no decimal is lost between Python, JSON, PostgreSQL and a browser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ecrf.engine import moments, numbers, patterns
from ecrf.engine.items import Item

FORMATS: Mapping[str, str] = json.loads((Path(__file__).parent / "formats.json").read_text())
MAX_TEXT = 20_000
LARGEST_WHOLE = 10**15
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

EXPRESSION_TYPES = {
    "text": "text",
    "integer": "number",
    "decimal": "number",
    "date": "date",
    "partial_date": "partial",
    "datetime": "datetime",
    "time": "time",
    "choice": "text",
    "choices": "codes",
    "file": "text",
}
"""Type of an item -> its type in expressions; an output has no value."""

Row = Mapping[str, str | list[str] | None]
Stored = str | list[str] | list[Row] | None


class Unreadable(Exception):
    """A value that its item can't hold."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code, self.params = code, params


@cache
def pattern(name: str) -> re.Pattern[str]:
    return re.compile(FORMATS[name])


def read(item: Item, raw: Any) -> tuple[Stored, Any]:
    """The canonical spelling and the typed value of what was sent. Raises Unreadable."""
    if raw is None or raw == "" or raw == []:
        return None, None
    return READERS[item.kind](item, raw)


def scalar(raw: Any, code: str) -> str:
    if not isinstance(raw, str):
        raise Unreadable(code)
    return raw.strip(" \t\r\n")


def read_text(item: Item, raw: Any) -> tuple[Stored, Any]:
    text = scalar(raw, "not_text").replace("\r\n", "\n")
    if CONTROL.search(text):
        raise Unreadable("control_character")
    if "\n" in text and item.spec.get("look") != "lines":
        raise Unreadable("one_line_only")
    if len(text) > item.spec.get("max_length", MAX_TEXT):
        raise Unreadable("too_long", limit=item.spec.get("max_length", MAX_TEXT))
    if "format" in item.spec and text and not pattern(item.spec["format"]).match(text):
        raise Unreadable("bad_format", format=item.spec["format"])
    if "pattern" in item.spec and text and not patterns.compile_pattern(item.spec["pattern"]).matches(text):
        raise Unreadable("bad_pattern_text")
    if item.spec.get("look") == "pin" and not (text.isascii() and text.isdecimal()):
        raise Unreadable("not_digits")
    return (text, text) if text else (None, None)


def read_number(item: Item, raw: Any) -> tuple[Stored, Any]:
    whole = item.kind == "integer"
    code = "not_whole" if whole else "not_number"
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        raw = str(raw) if isinstance(raw, int) else format(Decimal(repr(raw) if isinstance(raw, float) else raw), "f")
    text = scalar(raw, code)
    if not text:
        return None, None
    number = numbers.parse(text)
    if number is None:
        raise Unreadable(code)
    if whole and number != number.to_integral_value():
        raise Unreadable(code)
    if whole and number.copy_abs() > LARGEST_WHOLE:
        raise Unreadable("too_large")
    spelt = numbers.write(number)
    if "decimals" in item.spec and len(spelt.partition(".")[2]) > item.spec["decimals"]:
        raise Unreadable("too_many_decimals", limit=item.spec["decimals"])
    return spelt, number


def read_moment(item: Item, raw: Any) -> tuple[Stored, Any]:
    kind = item.kind
    text = scalar(raw, f"not_{kind}")
    if not text:
        return None, None
    moment = PARSE[kind](text)
    if moment is None:
        raise Unreadable(f"not_{kind}")
    return moments.write(moment), moment


PARSE = {
    "date": moments.parse_date,
    "partial_date": moments.parse_partial,
    "datetime": moments.parse_datetime,
    "time": moments.parse_time,
}


def read_choice(item: Item, raw: Any) -> tuple[Stored, Any]:
    code = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else scalar(raw, "unknown_choice")
    if not code:
        return None, None
    if code not in item.codes:
        raise Unreadable("unknown_choice", choice=code[:80])
    return code, code


def read_choices(item: Item, raw: Any) -> tuple[Stored, Any]:
    if not isinstance(raw, list | tuple) or not all(
        isinstance(code, str | int) and not isinstance(code, bool) for code in raw
    ):
        raise Unreadable("not_list")
    known = item.codes
    given = [str(code) for code in raw]
    unknown = [code for code in given if code not in known]
    if unknown:
        raise Unreadable("unknown_choice", choice=", ".join(unknown[:5])[:80])
    ticked = frozenset(given)
    if len(ticked) > 1 and any(known[code].get("exclusive") for code in ticked):
        raise Unreadable("exclusive_choice")
    if len(ticked) > item.spec.get("max_ticked", len(known)):
        raise Unreadable("too_many_ticked", limit=item.spec["max_ticked"])
    return [code for code in known if code in ticked], ticked


def read_output(item: Item, raw: Any) -> tuple[Stored, Any]:
    raise Unreadable("holds_no_value")


READERS = {
    "text": read_text,
    "integer": read_number,
    "decimal": read_number,
    "date": read_moment,
    "partial_date": read_moment,
    "datetime": read_moment,
    "time": read_moment,
    "choice": read_choice,
    "choices": read_choices,
    "file": read_text,
    "output": read_output,
}


def write(kind: str, value: Any) -> Stored:
    """The canonical spelling of what an expression gave for an item of this type; null where it doesn't fit."""
    if value is None:
        return None
    if kind == "integer":
        return numbers.write(value) if value == value.to_integral_value() else None
    if kind == "decimal":
        return numbers.write(value)
    if kind in PARSE:
        return moments.write(value)
    return str(value) or None
