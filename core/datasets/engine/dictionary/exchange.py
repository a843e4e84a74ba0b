"""Dictionaries as files: CSV for spreadsheets, Table Schema (Frictionless) for programs; both ways, nothing lost."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.datasets.engine.dictionary.entries import LEVELS, TEXTS, Entry
from core.web.formulas import harmless

LARGEST = 5 << 20
"""Bytes of a dictionary's file."""
ORDINARY = "ordinary"
"""What the lowest level is called in files, where an empty cell would say nothing."""
HEAD = ("name", "type", *TEXTS, "codes", "missing_codes", "sensitivity")
TABLE_SCHEMA = {
    "boolean": "boolean", "integer": "integer", "number": "number", "date": "date", "datetime": "datetime",
    "time": "time", "text": "string",
}  # fmt: skip


class BadDictionary(Exception):
    """The file is no dictionary. `code` says why, `row` where, as far as that can be said."""

    def __init__(self, code: str, row: int = 0, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.row, self.detail = code, row, detail


def as_csv(columns: Sequence[Mapping[str, Any]]) -> bytes:
    """One row a column. Codes are JSON, so that no sign in a label can be taken for a border between two."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for column in columns:
        cells = {
            **{key: column.get(key) or "" for key in HEAD},
            "codes": json.dumps(column["codes"], ensure_ascii=False) if column["codes"] else "",
            "missing_codes": json.dumps(column["missing_codes"], ensure_ascii=False) if column["missing_codes"] else "",
            "sensitivity": column["sensitivity"] or ORDINARY,
        }
        writer.writerow([harmless(str(cells[key])) for key in HEAD])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_table_schema(columns: Sequence[Mapping[str, Any]]) -> bytes:
    """A Table Schema: title, description, enumLabels and missingValues where the standard has a word, else our own."""
    return json.dumps({"fields": [field_of(column) for column in columns]}, ensure_ascii=False, indent=2).encode()


def field_of(column: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"name": column["name"], "type": TABLE_SCHEMA.get(column["type"], "any")}
    standard = {
        "title": column["label"],
        "title_en": column["label_en"],
        "description": column["description"],
        "unit": column["unit"],
        "missingValues": ["", *column["missing_codes"]] if column["missing_codes"] else None,
        "categories": [{"value": code, "label": label} for code, label in column["codes"].items()] or None,
    }
    made |= {key: value for key, value in standard.items() if value}
    return {**made, "sensitivity": column["sensitivity"] or ORDINARY}


def read(data: bytes) -> list[Entry]:
    """The entries of either kind of file: only the fields that it speaks of. Raises BadDictionary."""
    if len(data) > LARGEST:
        raise BadDictionary("too_large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadDictionary("encoding") from None
    if "\0" in text:
        raise BadDictionary("nul")
    return read_table_schema(text) if text.lstrip().startswith(("{", "[")) else read_csv(text)


def read_table_schema(text: str) -> list[Entry]:
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError):
        raise BadDictionary("not_json") from None
    fields = schema.get("fields") if isinstance(schema, dict) else schema
    if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
        raise BadDictionary("no_fields")
    return [entry_of(number, field) for number, field in enumerate(fields, 1)]


def entry_of(number: int, field: Mapping[str, Any]) -> Entry:
    """What one field of a Table Schema says."""
    made: Entry = {"name": text_of(number, field.get("name"))}
    words = {"title": "label", "title_en": "label_en", "description": "description", "unit": "unit"}
    made |= {own: text_of(number, field[theirs]) for theirs, own in words.items() if theirs in field}
    if "sensitivity" in field:
        made["sensitivity"] = level_of(number, text_of(number, field["sensitivity"]))
    if isinstance(absent := field.get("missingValues"), list):
        values = [value.get("value") if isinstance(value, dict) else value for value in absent]
        made["missing_codes"] = [text for value in values if (text := text_of(number, value))]
    known = field.get("categories") or field.get("enumLabels")
    if isinstance(known, dict):
        made["codes"] = {text_of(number, code): text_of(number, label) for code, label in known.items()}
    elif isinstance(known, list):
        pairs = [one if isinstance(one, dict) else {"value": one, "label": one} for one in known]
        made["codes"] = {text_of(number, one.get("value")): text_of(number, one.get("label", "")) for one in pairs}
    return made


def read_csv(text: str) -> list[Entry]:
    """Comma or semicolon, by the heading; each field a spreadsheet has touched is read as it was meant."""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise BadDictionary("quotes", reader.line_num) from None
    if not rows or "name" not in (head := [cell.strip().lower() for cell in rows[0]]):
        raise BadDictionary("no_heading", 1)
    if unknown := [key for key in head if key not in HEAD]:
        raise BadDictionary("unknown_field", 1, unknown[0][:60])
    if len(set(head)) < len(head):
        raise BadDictionary("twice", 1)
    made = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(head):
            raise BadDictionary("cells", number, f"{len(head)} / {len(row)}")
        cells = {key: unguarded(cell) for key, cell in zip(head, row, strict=True) if key != "type"}
        made.append(entry_of_cells(number, cells))
    return made


def entry_of_cells(number: int, cells: dict[str, str]) -> Entry:
    made: Entry = {key: cell.strip() for key, cell in cells.items()}
    made["name"] = cells["name"]
    if "codes" in cells:
        made["codes"] = pairs_of(number, cells["codes"])
    if "missing_codes" in cells:
        made["missing_codes"] = list_of(number, cells["missing_codes"])
    if "sensitivity" in cells:
        made["sensitivity"] = level_of(number, made["sensitivity"])
    return made


def pairs_of(number: int, text: str) -> dict[str, str]:
    """Codes as JSON, or as people write them: one a line, or one after the other with ``|`` between: ``1 = Yes``."""
    text = text.strip()
    if text.startswith("{"):
        try:
            given = json.loads(text)
        except (ValueError, RecursionError):
            raise BadDictionary("bad_codes", number) from None
        if not isinstance(given, dict):
            raise BadDictionary("bad_codes", number)
        return {str(code): text_of(number, label) for code, label in given.items()}
    made = {}
    for piece in filter(None, (piece.strip() for line in text.splitlines() for piece in line.split("|"))):
        code, sign, label = piece.partition("=")
        if not sign or not code.strip():
            raise BadDictionary("bad_codes", number, piece[:60])
        made[code.strip()] = label.strip()
    return made


def list_of(number: int, text: str) -> list[str]:
    """Missing codes as JSON, or one after the other with commas between."""
    text = text.strip()
    if text.startswith("["):
        try:
            given = json.loads(text)
        except (ValueError, RecursionError):
            raise BadDictionary("bad_codes", number) from None
        return [text_of(number, code) for code in given]
    return [piece.strip() for piece in text.split(",") if piece.strip()]


def level_of(number: int, text: str) -> str:
    level = "" if text in ("", ORDINARY) else text
    if level not in LEVELS:
        raise BadDictionary("unknown_level", number, text[:60])
    return level


def text_of(number: int, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadDictionary("not_text", number)
    return str(value)


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell[:1] == "'" and harmless(cell[1:]) == cell else cell
