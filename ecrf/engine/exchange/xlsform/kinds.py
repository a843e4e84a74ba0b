"""Types and appearances of questions, and what our items say instead."""

from __future__ import annotations

from typing import Any

KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "text"},
    "string": {"type": "text"},
    "integer": {"type": "integer"},
    "int": {"type": "integer"},
    "decimal": {"type": "decimal"},
    "range": {"type": "decimal", "look": "slider"},
    "date": {"type": "date"},
    "time": {"type": "time"},
    "dateTime": {"type": "datetime"},
    "datetime": {"type": "datetime"},
    "select one": {"type": "choice", "look": "radio"},
    "select all that apply": {"type": "choices"},
    "note": {"type": "output"},
    "photo": {"type": "file", "look": "image"},
    "image": {"type": "file", "look": "image"},
    "audio": {"type": "file", "look": "audio"},
    "background-audio": {"type": "file", "look": "audio"},
    "video": {"type": "file", "look": "video"},
    "file": {"type": "file"},
    "calculate": {"type": "text"},
    "hidden": {"type": "text"},
    "acknowledge": {"type": "choice", "look": "radio"},
    "trigger": {"type": "choice", "look": "radio"},
    "barcode": {"type": "text"},
}
"""pyxform's names of types -> type and look. What isn't here is kept as a text."""

FILLED_IN = frozenset(
    {
        "start", "end", "today", "deviceid", "phonenumber", "username", "email", "simserial", "subscriberid",
        "audit", "start-geopoint", "get phone number", "background-geopoint",
    }
)  # fmt: skip
"""What a device fills in by itself: kept hidden, and nobody asks for it."""
CLOCK = {"start": "datetime", "end": "datetime", "today": "date"}

APPEARANCES: dict[str, dict[str, Any]] = {
    "multiline": {"look": "lines"},
    "minimal": {"look": "list"},
    "compact-minimal": {"look": "list"},
    "autocomplete": {"look": "search"},
    "autocomplete_chars": {"look": "search"},
    "search": {"look": "search"},
    "likert": {"look": "likert"},
    "horizontal": {"look": "buttons"},
    "columns-pack": {"look": "buttons"},
    "signature": {"look": "signature"},
    "draw": {"look": "drawing"},
    "annotate": {"look": "annotation"},
    "month-year": {"type": "partial_date"},
    "year": {"type": "partial_date"},
}
FITTING = {
    "lines": ("text",), "list": ("choice", "choices"), "search": ("choice", "choices"),
    "buttons": ("choice", "choices"), "signature": ("file",), "drawing": ("file",),
    "annotation": ("file",), "likert": ("choice",),
}  # fmt: skip
"""A look -> the types that have it."""

WRITTEN: dict[tuple[str, str], tuple[str, str]] = {
    ("text", ""): ("text", ""),
    ("text", "lines"): ("text", "multiline"),
    ("text", "pin"): ("text", "numbers"),
    ("text", "secret"): ("text", "masked"),
    ("integer", ""): ("integer", ""),
    ("integer", "slider"): ("range", ""),
    ("integer", "vas"): ("range", "no-ticks"),
    ("decimal", ""): ("decimal", ""),
    ("decimal", "slider"): ("range", ""),
    ("decimal", "vas"): ("range", "no-ticks"),
    ("date", ""): ("date", ""),
    ("partial_date", ""): ("date", "month-year"),
    ("time", ""): ("time", ""),
    ("datetime", ""): ("dateTime", ""),
    ("choice", ""): ("select_one", ""),
    ("choice", "radio"): ("select_one", ""),
    ("choice", "yesno"): ("select_one", "horizontal"),
    ("choice", "buttons"): ("select_one", "columns-pack"),
    ("choice", "likert"): ("select_one", "likert"),
    ("choice", "list"): ("select_one", "minimal"),
    ("choice", "search"): ("select_one", "autocomplete"),
    ("choices", ""): ("select_multiple", ""),
    ("choices", "radio"): ("select_multiple", ""),
    ("choices", "buttons"): ("select_multiple", "horizontal"),
    ("choices", "list"): ("select_multiple", "minimal"),
    ("choices", "search"): ("select_multiple", "autocomplete"),
    ("output", ""): ("note", ""),
    ("file", ""): ("file", ""),
    ("file", "image"): ("image", ""),
    ("file", "drawing"): ("image", "draw"),
    ("file", "annotation"): ("image", "annotate"),
    ("file", "signature"): ("image", "signature"),
    ("file", "audio"): ("audio", ""),
    ("file", "video"): ("video", ""),
}
"""Type and look -> the type and the appearance of a workbook."""
