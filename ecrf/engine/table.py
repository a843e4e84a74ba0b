"""Entries as a typed table: one line per entry, one column per item, one per box of several choices (``var___code``).

What is not shown, not answered or not readable is null; no text ever stands for a missing value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ecrf.engine import moments
from ecrf.engine.definition import Definition
from ecrf.engine.items import Item
from ecrf.engine.state import Evaluated
from ecrf.engine.values import Unreadable, read

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


def layout(definition: Definition, *, identifiers: bool) -> list[TableColumn]:
    """The columns, without the items that tell who people are unless they are wanted."""
    is_longitudinal = bool(definition.events or definition.copied_pages())
    found = [TableColumn(name, kind) for name, kind in OWN.items() if is_longitudinal or name not in OF_EVENTS]
    for item in definition.items.values():
        if item.kind == "output" or item.repeat or (item.spec.get("identifier") and not identifiers):
            continue
        name = f"{item.key}_item" if item.key in OWN else item.key
        if item.kind == "choices":
            found += [TableColumn(f"{name}___{code}", pa.int8(), item, code) for code in item.codes]
        else:
            found.append(TableColumn(name, TYPES[item.kind], item))
    return found


def schema(columns: list[TableColumn]) -> pa.Schema:
    return pa.schema([pa.field(column.name, column.type) for column in columns])


def line(
    columns: list[TableColumn], own: Mapping[str, Any], state: Evaluated, complete: frozenset[str]
) -> Iterator[Any]:
    """The cells of one entry. On its `complete` pages a box that is not ticked is 0; elsewhere it is unknown."""
    typed: dict[str, Any] = {}
    for column in columns:
        item = column.item
        if item is None:
            yield own[column.name]
            continue
        if item.key not in typed:
            typed[item.key] = value_of(item, state)
        value = typed[item.key]
        if not column.code:
            yield value
        elif value is None:
            yield 0 if item.page in complete and item.key in state.visible else None
        else:
            yield int(column.code in value)


def value_of(item: Item, state: Evaluated) -> Any:
    """What the item holds, if it is shown."""
    if item.key not in state.visible:
        return None
    try:
        _, value = read(item, state.values.get(item.key))
    except Unreadable:
        return None
    if item.kind == "partial_date":
        return None if value is None else moments.write(value)
    if value is None or item.kind not in ("integer", "decimal"):
        return value
    return int(value) if item.kind == "integer" else float(value)


def batch(columns: list[TableColumn], lines: list[list[Any]]) -> pa.RecordBatch:
    arrays = [pa.array([cells[place] for cells in lines], type=column.type) for place, column in enumerate(columns)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema(columns))
