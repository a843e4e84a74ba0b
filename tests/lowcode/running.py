"""Running a plan on rows in an in-memory DuckDB, and comparing results cell by cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow

from lowcode.engine.columns import Kind, Table
from lowcode.engine.compile import Plan
from lowcode.engine.result import Result, decode

ARROW = {
    Kind.INTEGER: pyarrow.int64(),
    Kind.NUMBER: pyarrow.float64(),
    Kind.TEXT: pyarrow.string(),
    Kind.BOOLEAN: pyarrow.bool_(),
    Kind.DATE: pyarrow.date32(),
    Kind.DATETIME: pyarrow.timestamp("us"),
}


def arrow(table: Table, rows: Sequence[dict[str, Any]]) -> pyarrow.Table:
    schema = pyarrow.schema([(column.name, ARROW[column.kind]) for column in table.columns])
    return pyarrow.Table.from_pylist(list(rows), schema=schema)


def run(plan: Plan, table: Table, rows: Sequence[dict[str, Any]]) -> Result:
    with duckdb.connect() as connection:
        connection.register("data", arrow(table, rows))
        return decode(plan.outputs, connection.execute(plan.sql()).to_arrow_table().to_pylist())


def same(left: Sequence[Any], right: Sequence[Any]) -> bool:
    return len(left) == len(right) and all(same_cell(one, other) for one, other in zip(left, right, strict=True))


def same_cell(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float) and not isinstance(one, bool):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


def by_keys(result: Result, rows: Sequence[Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """Rows by the text of their keys, which are unique."""
    width = len(result.keys)
    found = {repr([_key(cell) for cell in row[:width]]): row for row in rows}
    assert len(found) == len(rows)
    return found


def _key(cell: Any) -> Any:
    return f"{cell:.9g}" if isinstance(cell, int | float) and not isinstance(cell, bool) else cell
