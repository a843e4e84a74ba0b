"""The table that the CSV file of a data dictionary holds."""

from __future__ import annotations

import csv
import io

from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap.columns import COLUMNS, TITLES, Row, fault, simple

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000


def table(content: bytes | str) -> tuple[list[Row], list[Fault]]:
    """The rows of the file and remarks on how it was read. Raises Refused with every fault of its form."""
    if len(content) > MAX_BYTES:
        raise Refused([Fault("file", "file_too_large", {"limit": MAX_BYTES // 1024 // 1024})])
    text, remarks = decoded(content)
    if not text.strip():
        raise Refused([Fault("file", "file_empty")])
    first = text.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refused([Fault("file", "not_csv", {"detail": str(error)[:200]})]) from error
    return rows(lines, remarks), remarks


def decoded(content: bytes | str) -> tuple[str, list[Fault]]:
    if isinstance(content, str):
        return content.removeprefix("\ufeff"), []
    if b"\0" in content:
        raise Refused([Fault("file", "not_text_file")])
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), [
            Fault("file", "encoding_guessed", {"encoding": "Windows-1252"})
        ]


def rows(lines: list[list[str]], remarks: list[Fault]) -> list[Row]:
    header = [TITLES.get(simple(title)) for title in lines[0]]
    faults = [
        fault(1, COLUMNS[column], "column_missing") for column in COLUMNS if column not in header and column in NEEDED
    ]
    faults += [fault(1, COLUMNS[column], "column_twice") for column in COLUMNS if header.count(column) > 1]
    if faults:
        raise Refused(faults)
    for title, column in zip(lines[0], header, strict=True):
        if column is None and title.strip():
            remarks.append(fault(1, title.strip()[:80], "column_unknown"))
    found: list[Row] = []
    for line, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            faults.append(fault(line, "", "cell_count", wanted=len(header), given=len(cells)))
            continue
        named = {column: cell.strip() for column, cell in zip(header, cells, strict=True) if column}
        found.append(Row(line, {column: named.get(column, "") for column in COLUMNS}))
    if not found and not faults:
        faults.append(Fault("file", "file_empty"))
    if len(found) > MAX_ROWS:
        faults.append(Fault("file", "too_many_rows", {"limit": MAX_ROWS}))
    if faults:
        raise Refused(faults)
    return found


NEEDED = frozenset({"name", "form", "type", "label", "choices", "branching"})
