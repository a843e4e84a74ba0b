"""How a CSV file is to be read, between the engine and the database; and its faults in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.datasets.engine.csv.detection import DELIMITERS, ENCODINGS, Column, Detected, Dialect
from core.datasets.engine.csv.parsing import BadCsv
from core.datasets.engine.csv.values import TYPES, Notation
from core.datasets.engine.parts import told_apart_by_case
from core.db import UNSTORABLE
from core.errors import Fault, Invalid

WORDS = {
    "cells": gettext_lazy("this row has another number of cells than the heading (expected / found: %(detail)s)"),
    "excel_error": gettext_lazy("this cell has an error of Excel (%(detail)s)"),
    "encoding": gettext_lazy("this cell has bytes of another encoding"),
    "line_too_long": gettext_lazy("this line is too long for a CSV file"),
    "no_rows": gettext_lazy("the file has no rows"),
    "not_boolean": gettext_lazy("this isn't a yes or a no"),
    "not_date": gettext_lazy("this isn't a date"),
    "not_datetime": gettext_lazy("this isn't a date and time"),
    "not_integer": gettext_lazy("this isn't a whole number"),
    "not_number": gettext_lazy("this isn't a number"),
    "nul": gettext_lazy("this cell has a NUL character"),
    "quotes": gettext_lazy("the quotes of this row don't match"),
    "unreadable": gettext_lazy("this can’t be read"),
    "too_long": gettext_lazy("this cell is too long"),
    "too_many_columns": gettext_lazy("there are too many columns (%(detail)s)"),
}
"""What is wrong, by the engine's code."""


NOTES = {
    "formulas": gettext_lazy("The sheet has %(count)s formulas: their last results are read, as Excel saved them."),
    "merged": gettext_lazy("The sheet has %(count)s merged cells: only the first of each has the value (%(cells)s)."),
}
"""What is told of a file that can be read."""
SAID = ("encoding", "delimiter", "header", "decimal", "day_first")
"""What may be said of how a file is written."""


def plan_of(detected: Detected) -> dict[str, Any]:
    """The guess as JSON."""
    dialect = detected.dialect
    return {
        "dialect": {
            "encoding": dialect.encoding,
            "delimiter": dialect.delimiter,
            "header": dialect.header,
            "decimal": dialect.notation.decimal,
            "day_first": dialect.notation.day_first,
        },
        "columns": [asdict(column) for column in detected.columns],
    }


def dialect_of(plan: Mapping[str, Any]) -> Dialect:
    """Raises Invalid with every fault."""
    given = plan["dialect"]
    faults = [
        Fault(name, "unknown", _("This can't be chosen."))
        for name, choices in (("encoding", ENCODINGS), ("delimiter", DELIMITERS), ("decimal", (".", ",")))
        if given.get(name) not in choices
    ]
    if faults:
        raise Invalid(faults, _("The file can't be read so."))
    notation = Notation(given["decimal"], bool(given["day_first"]))
    return Dialect(given["encoding"], given["delimiter"], bool(given["header"]), notation)


def is_document(plan: Mapping[str, Any]) -> bool:
    """Whether it is of another program's file, not of CSV."""
    return "format" in plan


def plan_of_document(kind: str, found: Mapping[str, Any], asked: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What was found in another program's file as JSON; its labels and codes come with the rows."""
    made: dict[str, Any] = {
        "format": kind,
        "columns": [{"name": column["name"], "type": column["type"]} for column in found["columns"]],
        "rows": found["rows"],
        "notes": found["notes"],
    }
    if kind == "xlsx":
        first = found["sheets"][0] if found["sheets"] else ""
        made |= {"sheets": found["sheets"], "sheet": first, "header": True, **(asked or {})}
    return made


def preview_of(plan: Mapping[str, Any]) -> Detected:
    """The first rows as they were found."""
    columns = tuple(Column(column["name"], column["type"]) for column in plan["columns"])
    return Detected(Dialect("", "", True, Notation()), columns, tuple(tuple(row) for row in plan["rows"]))


def way_of(plan: Mapping[str, Any]) -> Any:
    """How the file is read: where it changes, the columns that were seen no longer count."""
    return (plan.get("sheet"), plan.get("header")) if is_document(plan) else dialect_of(plan)


def note(found: Mapping[str, Any]) -> str:
    """What a person should know of a file, in words."""
    return str(NOTES[found["code"]]) % found


def fixed_in(plan: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The columns whose types the file itself says; None where they may be chosen."""
    return plan["columns"] if is_document(plan) and plan["format"] != "xlsx" else None


def told(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What provenance keeps of a plan: how the file was read, and none of its rows."""
    return {key: value for key, value in plan.items() if key != "rows"}


def columns_of(plan: Mapping[str, Any], fixed: Sequence[Mapping[str, Any]] | None = None) -> list[Column]:
    """Raises Invalid with every fault: a name twice or none, a type that isn't one, or isn't the file's own."""
    columns = [Column(str(column["name"]).strip(), str(column["type"])) for column in plan["columns"]]
    faults = []
    for number, column in enumerate(columns, start=1):
        place = f"columns.{number}"
        if not column.name or len(column.name) > 200 or UNSTORABLE.search(column.name):
            faults.append(Fault(place, "bad_name", _("A column has a name of 1 to 200 characters.")))
        if column.type not in TYPES if fixed is None else column.type != fixed[number - 1]["type"]:
            faults.append(Fault(place, "unknown_type", _("There is no such type.")))
    twice = told_apart_by_case([column.name for column in columns])
    faults += [
        Fault(
            f"columns.{number}",
            "twice",
            _("Two columns are named «%(name)s», whatever the case.") % {"name": column.name},
        )
        for number, column in enumerate(columns, start=1)
        if column.name in twice
    ]
    if faults:
        raise Invalid(faults, _("The columns can't be named so."))
    return columns


def kept_faults(error: BadCsv) -> dict[str, Any]:
    """The faults as JSON."""
    return {"count": error.count, "faults": [asdict(fault) for fault in error.faults]}


def refusal(kept: Mapping[str, Any]) -> Invalid:
    """The same in words: each fault with its row and column."""
    return Invalid(
        [Fault(place(fault), fault["code"], sentence(fault)) for fault in kept["faults"]], heading(kept["count"])
    )


def heading(count: int) -> str:
    text = ngettext(
        "The file has one fault, so nothing of it was kept.",
        "The file has %(count)s faults, so nothing of it was kept.",
        count,
    )
    return text % {"count": count}


def place(fault: Mapping[str, Any]) -> str:
    row = _("row %(row)s") % {"row": fault["row"]}
    return f"{row}, {fault['column']}" if fault["column"] else row


def sentence(fault: Mapping[str, Any]) -> str:
    return str(WORDS.get(fault["code"], WORDS["unreadable"])) % {"detail": fault["detail"]}
