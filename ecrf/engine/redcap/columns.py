"""The 18 columns of a REDCap data dictionary, and a row of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecrf.engine.faults import Fault

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
