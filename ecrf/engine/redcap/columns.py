"""The 18 columns of a REDCap data dictionary, and the table that a CSV file holds."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from ecrf.engine.faults import Fault, Refused

COLUMNS = {
    "name": "Variable / Field Name",
    "form": "Form Name",
    "section": "Section Header",
    "type": "Field Type",
    "label": "Field Label",
    "choices": "Choices, Calculations, OR Slider Labels",
    "note": "Field Note",
    "validation": "Text Validation Type OR Show Slider Number",
    "min": "Text Validation Min",
    "max": "Text Validation Max",
    "identifier": "Identifier?",
    "branching": "Branching Logic (Show field only if...)",
    "required": "Required Field?",
    "alignment": "Custom Alignment",
    "number": "Question Number (surveys only)",
    "matrix": "Matrix Group Name",
    "ranking": "Matrix Ranking?",
    "annotation": "Field Annotation",
}
API_NAMES = {
    "field_name": "name",
    "form_name": "form",
    "select_choices_or_calculations": "choices",
    "text_validation_type_or_show_slider_number": "validation",
    "branching_logic": "branching",
    "required_field": "required",
    "question_number": "number",
    "matrix_ranking": "ranking",
}
"""What REDCap's API calls the columns, where it isn't the title in small letters."""
MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000


@dataclass(frozen=True)
class Row:
    """One field: `line` is its row in a spreadsheet, the header being row 1."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def fault(self, column: str, code: str, **params: object) -> Fault:
        return fault(self.line, column, code, field=self.cells.get("name", ""), **params)


def fault(line: int, column: str, code: str, **params: object) -> Fault:
    title = COLUMNS.get(column, column)
    return Fault(f"row {line}, {title}" if title else f"row {line}", code, {"row": line, "column": title, **params})


def simple(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", title.lower())


TITLES = {simple(title): column for column, title in COLUMNS.items()} | {
    simple(title): name for title, name in API_NAMES.items()
}


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
