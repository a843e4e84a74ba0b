"""Records as a typed table: one line per entry, one column per item, one per box of several choices (``var___code``).

What is not shown, not answered or not readable is null; no text ever stands for a missing value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from ecrf.engine import moments
from ecrf.engine.definition import Definition
from ecrf.engine.items import Item

TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "date": pa.date32(),
    "partial_date": pa.string(),
    "datetime": pa.timestamp("s"),
    "time": pa.time32("s"),
    "choice": pa.string(),
    "file": pa.string(),
}
OWN = {
    "subject": pa.string(),
    "site": pa.string(),
    "event": pa.string(),
    "page": pa.string(),
    "instance": pa.int32(),
    "form_version": pa.int32(),
    "complete": pa.bool_(),
    "saved_at": pa.timestamp("us", tz="UTC"),
}
"""What stands before the items; an item of the same name gets ``_item`` behind its own."""
OF_EVENTS = ("event", "page", "instance")
"""The own columns that only a study with events or repeating pages has."""


@dataclass(frozen=True)
class TableColumn:
    """A column, the item that it comes from, and the code of the box where it is one."""

    name: str
    type: pa.DataType
    item: Item | None = None
    code: str = ""


def layout(definition: Definition) -> list[TableColumn]:
    """The columns of the records; the definition holds what leaves."""
    is_longitudinal = bool(definition.events or definition.copied_pages())
    found = [TableColumn(name, kind) for name, kind in OWN.items() if is_longitudinal or name not in OF_EVENTS]
    for item in definition.items.values():
        if item.kind != "output" and not item.repeat:
            found += columns_of(item)
    return found


def schema(columns: list[TableColumn]) -> pa.Schema:
    return pa.schema([pa.field(column.name, column.type) for column in columns])


def row_layout(definition: Definition, group: str) -> list[TableColumn]:
    """The columns of the rows of a group: those of their record, the number of the row, and its items."""
    is_longitudinal = bool(definition.events or definition.copied_pages())
    own = [TableColumn(name, OWN[name]) for name in ("subject", "site", *(OF_EVENTS if is_longitudinal else ()))]
    items = [item for item in definition.items.values() if item.repeat == group and item.kind != "output"]
    return [*own, TableColumn("row", pa.int32()), *(column for item in items for column in columns_of(item))]


def columns_of(item: Item) -> Iterator[TableColumn]:
    name = f"{item.key}_item" if item.key in OWN or (item.repeat and item.key == "row") else item.key
    if item.kind == "choices":
        yield from (TableColumn(f"{name}___{code}", pa.int8(), item, code) for code in item.codes)
    else:
        yield TableColumn(name, TYPES[item.kind], item)


def liner(columns: list[TableColumn]) -> Callable[[Mapping[str, Any], Mapping[str, Any]], list[Any]]:
    """What makes the cells of a record or of a row from its own columns and its stored values."""
    own = [(place, column.name) for place, column in enumerate(columns) if column.item is None]
    single: dict[str, tuple[int, Callable[[Any], Any] | None]] = {}
    boxes: dict[str, list[tuple[int, str]]] = {}
    for place, column in enumerate(columns):
        if column.code and column.item is not None:
            boxes.setdefault(column.item.key, []).append((place, column.code))
        elif column.item is not None:
            single[column.item.key] = place, typing(column.item)

    def line(given: Mapping[str, Any], values: Mapping[str, Any]) -> list[Any]:
        cells: list[Any] = [None] * len(columns)
        for place, name in own:
            cells[place] = given[name]
        for key, stored in values.items():
            if (found := single.get(key)) is not None:
                place, typed = found
                cells[place] = stored if typed is None else typed(stored)
            else:
                for place, code in boxes.get(key, ()):
                    cells[place] = int(code in stored)
        return cells

    return line


def typing(item: Item) -> Callable[[Any], Any] | None:
    """What makes a typed value of a stored one, where they differ."""
    if item.kind in AS_STORED:
        return None
    if item.kind == "integer":
        return int
    if item.kind == "decimal":
        return float
    return moments.parse_time if item.kind == "time" else PARSED[item.kind]


PARSED: Mapping[str, Callable[[str], Any]] = {"date": date.fromisoformat, "datetime": datetime.fromisoformat}
AS_STORED = frozenset({"text", "choice", "file", "partial_date"})


def batch(columns: list[TableColumn], lines: list[list[Any]]) -> pa.RecordBatch:
    arrays = [pa.array([cells[place] for cells in lines], type=column.type) for place, column in enumerate(columns)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema(columns))
