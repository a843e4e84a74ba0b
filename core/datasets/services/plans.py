"""How a CSV file is to be read, between the engine and the database; and its faults in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.datasets.engine.csv.detection import DELIMITERS, ENCODINGS, Column, Detected, Dialect
from core.datasets.engine.csv.parsing import BadCsv
from core.datasets.engine.csv.values import TYPES, Notation
from core.db import UNSTORABLE
from core.errors import Fault, Invalid

WORDS = {
    "cells": gettext_lazy("this row has another number of cells than the heading (expected / found: %(detail)s)"),
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
    "too_long": gettext_lazy("this cell is too long"),
    "too_many_columns": gettext_lazy("there are too many columns (%(detail)s)"),
}
"""What is wrong, by the engine's code."""


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


def columns_of(plan: Mapping[str, Any]) -> list[Column]:
    """Raises Invalid with every fault: a name twice or none, a type that isn't one."""
    columns = [Column(str(column["name"]).strip(), str(column["type"])) for column in plan["columns"]]
    faults = []
    for number, column in enumerate(columns, start=1):
        place = f"columns.{number}"
        if not column.name or len(column.name) > 200 or UNSTORABLE.search(column.name):
            faults.append(Fault(place, "bad_name", _("A column has a name of 1 to 200 characters.")))
        if column.type not in TYPES:
            faults.append(Fault(place, "unknown_type", _("There is no such type.")))
    twice = {name for name, count in Counter(column.name for column in columns).items() if count > 1}
    faults += [
        Fault(f"columns.{number}", "twice", _("Two columns are named «%(name)s».") % {"name": column.name})
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
    return str(WORDS[fault["code"]]) % {"detail": fault["detail"]}
