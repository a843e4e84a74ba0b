"""What runs in the sandbox: look at a file, or read it whole into an Arrow stream. It may be hostile, and so its word.

The result of `read` is an Arrow stream whose metadata say of the columns what the file says; or, where cells are wrong,
JSON that begins with ``{`` and lists them. `look` writes JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

import pyarrow as pa

from core.datasets.engine.formats import columnar, sheets, statistical
from core.datasets.engine.formats.tables import MOST_COLUMNS, BadCells, Source
from core.files.unreadable import Unreadable

FIRST = 50
READERS = {
    "xlsx": sheets.opened,
    "parquet": columnar.opened,
    "sav": statistical.opened,
    "dta": statistical.opened,
    "sas7bdat": statistical.opened,
    "xpt": statistical.opened,
}


def look(source: IO[bytes], result: IO[bytes], *, kind: str, options: Mapping[str, Any]) -> None:
    """Write what the file has: its columns, its first rows as text, its sheets, and what a person should know of it."""
    table = checked(READERS[kind](source, kind, {**options, "lenient": True}))
    rows: list[list[str]] = []
    for batch in table.batches(FIRST):
        values = [column.to_pylist() for column in batch.columns]
        rows += [[shown(value) for value in row] for row in zip(*values, strict=True)]
        if len(rows) >= FIRST:
            break
    about = {"columns": table.columns, "rows": rows[:FIRST], "sheets": table.sheets, "notes": table.notes}
    result.write(json.dumps(about).encode())


def read(source: IO[bytes], result: IO[bytes], *, kind: str, options: Mapping[str, Any]) -> None:
    """Write every row, or every fault."""
    table = checked(READERS[kind](source, kind, options))
    schema = table.schema.with_metadata({b"columns": json.dumps(table.columns).encode()})
    try:
        sink = pa.PythonFile(result, mode="w")
        with pa.ipc.new_stream(sink, schema) as writer:
            for batch in table.batches(table.at_once):
                writer.write_batch(pa.record_batch(batch.columns, schema=schema))
    except BadCells as bad:
        result.seek(0)
        result.truncate()
        result.write(json.dumps({"count": bad.count, "faults": bad.faults}).encode())


def checked(table: Source) -> Source:
    names = [column["name"] for column in table.columns]
    if not names:
        raise Unreadable("no_columns")
    if len(names) > MOST_COLUMNS:
        raise Unreadable("too_many_columns", most=MOST_COLUMNS, found=len(names))
    return table


def shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.15g}"  # the digits that a double holds for sure
    return "" if value is None else str(value)[:200]
