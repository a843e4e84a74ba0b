"""Read a whole CSV file into typed record batches, or tell every fault of it with its row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa

from core.datasets.engine.csv.detection import Column, Dialect, marking
from core.datasets.engine.csv.values import MISSING, TYPES, readers

MOST_FAULTS = 200
"""Faults that are listed; the others are counted."""
LONGEST_FIELD = 1 << 20
"""Characters of one cell."""
LONGEST_LINE = 16 << 20
"""Characters of one line: a longer one is no CSV, and isn't brought into memory."""
MOST_COLUMNS = 5000
BATCH_ROWS = 20_000
REMEMBERED = 50_000
"""Different cells of a column whose value is kept: most columns repeat a few."""


@dataclass(frozen=True)
class CellFault:
    """What is wrong, where. `row` counts records from 1, the header's included; `column` is empty for a whole row."""

    row: int
    column: str
    code: str
    detail: str = ""
    """For instance how many cells were expected; never the cell's text."""


class BadCsv(Exception):
    """The file is refused whole. `faults` has the first ones, `count` says how many there are."""

    def __init__(self, faults: Sequence[CellFault], count: int) -> None:
        super().__init__(f"{count} faults")
        self.faults = tuple(faults)
        self.count = count


class _Faults:
    def __init__(self) -> None:
        self.listed: list[CellFault] = []
        self.count = 0

    def add(self, row: int, column: str, code: str, detail: str = "") -> None:
        self.count += 1
        if len(self.listed) < MOST_FAULTS:
            self.listed.append(CellFault(row, column, code, detail))


class LineTooLong(Exception):
    """A line has more than LONGEST_LINE characters."""


def parse(stream: BinaryIO, dialect: Dialect, columns: Sequence[Column]) -> pa.RecordBatchReader:
    """A reader of the typed rows. It raises BadCsv after the last row where there was any fault.

    Held in memory: one batch. A cell that is empty, NA or NULL has no value.
    """
    if len(columns) > MOST_COLUMNS:
        raise BadCsv([CellFault(1, "", "too_many_columns", f"{len(columns)} > {MOST_COLUMNS}")], 1)
    schema = pa.schema([(column.name, TYPES[column.type]) for column in columns])
    return pa.RecordBatchReader.from_batches(schema, batches(stream, dialect, columns, schema))


def batches(
    stream: BinaryIO, dialect: Dialect, columns: Sequence[Column], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    faults = _Faults()
    reading = [Reading(column, readers(dialect.notation)[column.type], faults) for column in columns]
    values: list[list[Any]] = [[] for _ in columns]
    rows = 0
    for number, cells in records(stream, dialect, faults):
        if len(cells) != len(columns):
            faults.add(number, "", "cells", f"{len(columns)} / {len(cells)}")
            continue
        for column, cell, into in zip(reading, cells, values, strict=True):
            into.append(column.value(cell, number))
        rows += 1
        if len(values[0]) >= BATCH_ROWS:
            if not faults.count:
                yield batch(values, schema)
            values = [[] for _ in columns]
    if not rows and not faults.count:
        faults.add(1, "", "no_rows")
    if faults.count:
        raise BadCsv(faults.listed, faults.count)
    yield batch(values, schema)


def batch(values: list[list[Any]], schema: pa.Schema) -> pa.RecordBatch:
    return pa.record_batch(
        [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)], schema=schema
    )


class Reading:
    """Reads the cells of one column."""

    def __init__(self, column: Column, read: Callable[[str], Any], faults: _Faults) -> None:
        self._column, self._read, self._faults = column, read, faults
        self._known: dict[str, Any] = {}

    def value(self, cell: str, row: int) -> Any:
        if cell in self._known:
            return self._known[cell]
        text = cell.strip()
        code = fault_of(text)
        if code:
            self._faults.add(row, self._column.name, code)
            return None
        try:
            value = None if text in MISSING else self._read(text)
        except ValueError:
            self._faults.add(row, self._column.name, f"not_{self._column.type}")
            return None
        if len(self._known) < REMEMBERED and len(cell) < 100:
            self._known[cell] = value
        return value


def fault_of(text: str) -> str:
    """What no cell may hold, whatever its type: bytes of another encoding, a NUL, too much."""
    if len(text) > LONGEST_FIELD:
        return "too_long"
    if text.isascii():
        return "nul" if "\0" in text else ""
    if "\ufffd" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        return "encoding"
    return "nul" if "\0" in text else ""


def records(stream: BinaryIO, dialect: Dialect, faults: _Faults) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each record that isn't blank, the header left out. What isn't CSV is a fault of its row."""
    text = io.TextIOWrapper(stream, encoding=dialect.encoding, errors=marking(dialect.encoding), newline="")
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(lines(text), delimiter=dialect.delimiter, strict=True)
    number = 0
    try:
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                faults.add(number, "", "quotes" if "field larger" not in str(error) else "too_long")
                continue
            except LineTooLong:
                faults.add(number, "", "line_too_long")
                return
            if cells and not (number == 1 and dialect.header):
                yield number, cells
    finally:
        text.detach()


def lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines, none longer than LONGEST_LINE."""
    while line := text.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise LineTooLong
        yield line
