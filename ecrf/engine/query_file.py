"""A file of queries: one row each, subject, event, page, instance, field and text, in CSV as spreadsheets write it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from ecrf.engine.faults import Fault

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 10_000
COLUMNS = {
    "subject": ("subject", "sujet", "record", "record_id"),
    "form": ("form", "formulaire"),
    "event": ("event", "événement", "evenement", "visit", "visite"),
    "page": ("page",),
    "instance": ("instance",),
    "field": ("field", "champ", "variable", "item"),
    "text": ("text", "texte", "message", "query"),
    "assign": ("assign", "assigned", "assigner", "assigné"),
}
"""Our name of a column -> the names under which it may come."""
NEEDED = ("subject", "text")


@dataclass(frozen=True)
class Row:
    """One query as it was written; `line` counts the heading as 1, as spreadsheets do."""

    line: int
    subject: str = ""
    form: str = ""
    event: str = ""
    page: str = ""
    instance: str = ""
    field: str = ""
    text: str = ""
    assign: str = ""


def read(content: bytes) -> tuple[list[Row], list[Fault]]:
    """The rows of a file, and what is wrong with the file as a whole or with the shape of its rows."""
    if len(content) > MAX_BYTES:
        return [], [Fault("file", "file_too_large", {"limit": MAX_BYTES // 1024 // 1024})]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        return [], [Fault("file", "not_text_file")]
    heading = text.partition("\n")[0]
    delimiter = max(";,\t", key=heading.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        return [], [Fault("file", "not_csv", {"detail": str(error)})]
    if not lines:
        return [], [Fault("file", "file_empty")]
    names = [known(cell) for cell in lines[0]]
    faults = [Fault(f"row 1, {name}", "column_missing") for name in NEEDED if name not in names]
    faults += [Fault(f"row 1, {name}", "column_twice") for name in COLUMNS if names.count(name) > 1]
    faults += [
        Fault("row 1, " + cell.strip()[:50], "column_not_read")
        for cell, name in zip(lines[0], names, strict=True)
        if not name and cell.strip()
    ]
    filled = [(number, cells) for number, cells in enumerate(lines[1:], 2) if any(cell.strip() for cell in cells)]
    if not filled and not faults:
        faults.append(Fault("file", "file_empty"))
    if len(filled) > MAX_ROWS:
        faults.append(Fault("file", "too_many_lines", {"limit": MAX_ROWS}))
    if faults:
        return [], faults
    rows = []
    for number, cells in filled:
        if len(cells) != len(names):
            faults.append(Fault(f"row {number}", "cell_count", {"given": len(cells), "wanted": len(names)}))
            continue
        rows.append(Row(number, **{name: cell.strip() for name, cell in zip(names, cells, strict=True) if name}))
    return rows, faults


def known(heading: str) -> str:
    """Our name of a column; empty where it isn't ours."""
    word = heading.strip().lower()
    return next((name for name, spelt in COLUMNS.items() if word in spelt), "")
