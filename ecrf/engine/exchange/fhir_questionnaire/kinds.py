"""Types of questions in FHIR, and what our items say instead."""

from __future__ import annotations

from typing import Any

KINDS: dict[str, dict[str, Any]] = {
    "display": {"type": "output"},
    "boolean": {"type": "choice", "look": "yesno"},
    "decimal": {"type": "decimal"},
    "integer": {"type": "integer"},
    "date": {"type": "date"},
    "dateTime": {"type": "datetime"},
    "time": {"type": "time"},
    "string": {"type": "text"},
    "text": {"type": "text", "look": "lines"},
    "url": {"type": "text"},
    "choice": {"type": "choice"},
    "open-choice": {"type": "choice"},
    "attachment": {"type": "file"},
    "quantity": {"type": "decimal"},
}
"""What isn't here, such as a reference, is kept as a text."""
PLAIN = frozenset({"display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "choice", "attachment"})
"""What a type and a look of ours say already."""

LOOKS = {
    "slider": ("slider", ("integer", "decimal")),
    "drop-down": ("list", ("choice", "choices")),
    "radio-button": ("radio", ("choice",)),
    "autocomplete": ("search", ("choice", "choices")),
    "lookup": ("search", ("choice", "choices")),
    "text-box": ("lines", ("text",)),
}
"""A control -> the look and the types that have it."""
CONTROLS = {"slider": "slider", "vas": "slider", "list": "drop-down", "radio": "radio-button", "search": "autocomplete"}
TABLES = frozenset({"gtable", "table", "grid", "htable", "atable"})

WRITTEN = {
    "text": "string", "integer": "integer", "decimal": "decimal", "date": "date", "partial_date": "date",
    "datetime": "dateTime", "time": "time", "choice": "choice", "choices": "choice", "file": "attachment",
    "output": "display",
}  # fmt: skip
VALUES = {
    "text": "valueString", "integer": "valueInteger", "decimal": "valueDecimal", "date": "valueDate",
    "partial_date": "valueDate", "datetime": "valueDateTime", "time": "valueTime",
}  # fmt: skip
"""A type -> the name of its value in an initial, a limit or an answer."""
YES_NO = {"true": "1", "false": "0"}
YES_NO_LABELS = {"1": {"en": "Yes", "fr": "Oui"}, "0": {"en": "No", "fr": "Non"}}
