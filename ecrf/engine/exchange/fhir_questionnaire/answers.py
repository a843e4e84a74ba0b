"""Values of FHIR's many types as ours."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ecrf.engine import moments, numbers

ZONED = 19
"""Characters of a date and time up to its seconds: what follows is a zone, which ours have not."""


def number(value: Any) -> str | None:
    """Its canonical spelling."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    parsed = numbers.parse(format(Decimal(repr(value) if isinstance(value, float) else value), "f"))
    return None if parsed is None else numbers.write(parsed)


def moment(kind: str, value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    if kind == "date":
        day = moments.parse_date(value[:10])
        return None if day is None else moments.write(day)
    if kind == "time":
        clock = moments.parse_time(value.partition(".")[0])
        return None if clock is None else moments.write(clock)
    text = value[:ZONED].partition(".")[0]
    found = moments.parse_datetime(text if len(text) > 10 else f"{text}T00:00")
    return None if found is None else moments.write(found)


def literal(kind: str, value: Any) -> list[Any] | None:
    """A value of an element as a literal of the item's type."""
    if kind in ("integer", "decimal"):
        text = number(value.get("value") if isinstance(value, Mapping) else value)
        return None if text is None else ["number", text]
    if kind in ("date", "datetime", "time"):
        text = moment(kind, value)
        return None if text is None else [kind, text]
    return ["text", value] if kind == "text" and isinstance(value, str) and value else None
