"""How a project XML calls the types, validations and attributes of fields."""

from __future__ import annotations

from collections.abc import Mapping

Row = Mapping[str, str]

TYPES = {"select": "dropdown", "textarea": "notes"}
VALIDATIONS = {"int": "integer", "float": "number"}
"""What REDCap calls them in its database, and so in its XML."""
ATTRIBUTES = {
    "section": "SectionHeader",
    "note": "FieldNote",
    "identifier": "Identifier",
    "branching": "BranchingLogic",
    "required": "RequiredField",
    "alignment": "CustomAlignment",
    "number": "QuestionNumber",
    "matrix": "MatrixGroupName",
    "ranking": "MatrixRanking",
    "annotation": "FieldAnnotation",
}
FIELD_TYPES = {name: code for code, name in TYPES.items()}
VALIDATION_NAMES = {name: code for code, name in VALIDATIONS.items()}
DATA_TYPES = {
    "checkbox": "boolean",
    "yesno": "boolean",
    "truefalse": "boolean",
    "calc": "float",
    "slider": "integer",
}
BY_VALIDATION: tuple[tuple[str, str], ...] = (
    ("datetime_seconds", "datetime"),
    ("datetime", "partialDatetime"),
    ("date", "date"),
)
BY_VALIDATION += (("time_mm_ss", "text"), ("time_hh_mm_ss", "time"), ("time", "partialTime"))
BY_VALIDATION += (("integer", "integer"), ("number", "float"))
COMPARATORS = {"min": "GE", "max": "LE"}
