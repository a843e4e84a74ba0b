"""A table as typed columns, for formats that are written whole: Stata, SPSS, SAS.

Their libraries take columns, not lines: what they write is held in memory, up to a limit that is said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import IO, Any

from ecrf.engine.exports.book import Book
from ecrf.engine.exports.codebook import label
from ecrf.engine.exports.tables import HISTORY, Column, Table, labels_of
from ecrf.engine.faults import Fault, Refused

MOST_CELLS = 30_000_000
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,8})")
DATES = {"date": date.fromisoformat, "datetime": datetime.fromisoformat}


@dataclass
class Series:
    """A column: its values, and for numbers the statuses that stand in place of some."""

    column: Column
    name: str
    label: str
    numeric: bool
    labels: dict[int, str] = field(default_factory=dict)
    values: list[Any] = field(default_factory=list)
    statuses: dict[int, str] = field(default_factory=dict)
    """Line -> status in place of its value."""
    source: int = -1
    """Where the column that holds its status stands, if there is one."""


def numbered(column: Column, book: Book, losses: list[Fault]) -> dict[str, int]:
    """The number of each choice: its own code where all are whole numbers, else its place, which is said."""
    assert column.item is not None
    codes = list(column.item.codes)
    if all(WHOLE.fullmatch(code) for code in codes):
        return {code: int(code) for code in codes}
    losses.append(Fault(column.name, "codes_numbered", {}))
    return {code: place for place, code in enumerate(codes, start=1)}


def reader(column: Column, numbers: dict[str, int]) -> Callable[[Any], Any]:
    if column.part:
        return str
    if column.kind == "choice":
        return lambda value: numbers.get(value)
    if column.kind in ("integer", "decimal"):
        return float
    if column.kind in ("box", "flag"):
        return int
    if column.kind == "moment":
        return lambda value: datetime.fromisoformat(value).replace(tzinfo=None, microsecond=0)
    return DATES.get(column.kind, str)


def frame(table: Table, book: Book, losses: list[Fault]) -> list[Series]:
    """The columns of a table, read to the end. Raises Refused beyond what is held in memory."""
    found: list[Series] = []
    readers: list[Callable[[Any], Any]] = []
    places = {column.name: place for place, column in enumerate(table.columns)}
    for column in table.columns:
        coded = column.kind == "choice" and not column.part and column.item is not None
        numbers = numbered(column, book, losses) if coded else {}
        labels: dict[int, str] = {}
        if coded and column.item:
            labels = {numbers[code]: words for code, words in labels_of(column.item, book).items()}
        numeric = not column.part and column.kind in ("choice", "integer", "decimal", "box", "flag")
        one = Series(column, column.name, label(column, book), numeric, labels)
        if numeric and column.item and not column.code:
            one.source = places.get(f"{column.name}.status", -1)
        found.append(one)
        readers.append(reader(column, numbers))
    replacing = {code for code, instead in book.definition.statuses.items() if instead}
    limit = MOST_CELLS // max(1, len(found))
    for number, line in enumerate(table.lines()):
        if number >= limit:
            raise Refused([Fault(table.name, "too_many_cells", {"limit": MOST_CELLS // 1_000_000})])
        for one, read, cell in zip(found, readers, line, strict=True):
            one.values.append(None if cell is None else read(cell))
            if cell is None and one.source >= 0 and line[one.source] in replacing:
                one.statuses[number] = line[one.source]
    return found


def coded_book(book: Book) -> Book:
    """The same with codes, whatever was asked: these formats tell labels besides."""
    return replace(book, options=replace(book.options, labels=False))


def without_history(tables: list[Table], losses: list[Fault]) -> list[Table]:
    """History is a text about texts: statistics programs get the tables alone."""
    if any(table.name == HISTORY for table in tables):
        losses.append(Fault("", "history_left_out", {}))
    return [table for table in tables if table.name != HISTORY]


def data_frame(series: list[Series], cells: Callable[[Series], list[Any]]) -> Any:
    import numpy as np
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

    columns: dict[str, Any] = {}
    for one in series:
        values = cells(one)
        if one.numeric and not any(isinstance(value, str) for value in values):
            columns[one.name] = np.array([np.nan if value is None else value for value in values], dtype=float)
        elif one.column.kind in ("date", "datetime", "moment") and not one.column.part:
            columns[one.name] = pd.Series(values, dtype=object)
        else:
            columns[one.name] = pd.Series(["" if value is None else value for value in values], dtype=object)
    return pd.DataFrame(columns)


@contextmanager
def in_memory() -> Iterator[tuple[str, IO[bytes]]]:
    """A path for a library that writes to one, and what it wrote: memory, never a disk."""
    with os.fdopen(os.memfd_create("export"), "w+b") as file:
        yield f"/proc/self/fd/{file.fileno()}", file
