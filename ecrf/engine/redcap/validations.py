"""REDCap's text validation types -> what our items say instead."""

from __future__ import annotations

from typing import Any

from ecrf.engine.values import FORMATS

DATES = {
    f"{kind}_{order}": {"type": "date" if kind == "date" else "datetime", "order": order}
    | ({"seconds": True} if "seconds" in kind else {})
    for kind in ("date", "datetime", "datetime_seconds")
    for order in ("ymd", "mdy", "dmy")
}
NUMBERS: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "int": {"type": "integer"},
    "number": {"type": "decimal"},
    "float": {"type": "decimal"},
    "number_comma_decimal": {"type": "decimal"},
} | {
    f"number_{places}dp{comma}": {"type": "decimal", "decimals": places}
    for places in range(1, 5)
    for comma in ("", "_comma_decimal")
}
TIMES: dict[str, dict[str, Any]] = {
    "time": {"type": "time"},
    "time_hh_mm": {"type": "time"},
    "time_hh_mm_ss": {"type": "time", "seconds": True},
}
TEXTS = {name: {"type": "text", "format": name} for name in FORMATS}

VALIDATIONS: dict[str, dict[str, Any]] = {"": {"type": "text"}, "signature": {}, **TEXTS, **DATES, **NUMBERS, **TIMES}
"""Every name of the standard list; a decimal comma is a way of writing, not another number."""
