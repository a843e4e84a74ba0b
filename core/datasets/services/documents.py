"""Files of other programs on their way to become versions: looked at and read inside the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.utils.translation import gettext_lazy

from core import files
from core.datasets.engine.formats.kinds import LARGEST
from core.datasets.services.publishing import Column
from core.errors import Fault, Invalid
from core.files import sandbox

if TYPE_CHECKING:
    from core.files.models import StoredFile

READER = "core.datasets.engine.formats.inside"
MOST_TOLD = 32 << 20
"""Bytes of what is said of a file."""
WORDS = {
    "broken_after": gettext_lazy("The file is damaged after row %(row)s."),
    "nested": gettext_lazy("Column %(column)s holds lists or bytes: a dataset has plain values."),
    "no_columns": gettext_lazy("There is no column in this file."),
    "no_sheet": gettext_lazy("There is no such sheet."),
    "not_parquet": gettext_lazy("This Parquet file is damaged."),
    "not_readable": gettext_lazy("This file is damaged, or of a version that can’t be read (%(format)s)."),
    "not_xlsx": gettext_lazy("This isn’t a sound Excel file (.xlsx)."),
    "password": gettext_lazy("This file is protected by a password: save it without one."),
    "too_many_cells": gettext_lazy("The sheet has more than %(most)s cells: save it as CSV."),
    "too_many_columns": gettext_lazy("There are too many columns: %(found)s, and %(most)s are read."),
    "unfolds": gettext_lazy("This file unfolds to far more than its size: it isn’t read."),
}
"""What is wrong with a file as a whole, by the code of its reader."""
SMALL = 5 << 20
"""Bytes up to which a person waits while a file is read, and for how long at most AT_ONCE says."""
AT_ONCE = sandbox.Limits(seconds=60, cpu_seconds=60, memory_bytes=3 << 30, source_bytes=LARGEST, result_bytes=1 << 30)
LOOKING = sandbox.Limits(seconds=30, cpu_seconds=30, memory_bytes=2 << 30, source_bytes=LARGEST, result_bytes=64 << 20)
READING = sandbox.Limits(
    seconds=1800, cpu_seconds=1800, memory_bytes=3 << 30, source_bytes=LARGEST, result_bytes=4 << 30
)


class BadCells(Exception):
    """The file is refused whole for its cells: {count, faults: [{row, column, code, detail}]}."""

    def __init__(self, kept: dict[str, Any]) -> None:
        super().__init__(f"{kept['count']} faults")
        self.kept = kept


def looked_at(stored: StoredFile, kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """What the file has: {columns, rows, sheets, notes}, the first rows as text. Raises Invalid."""
    with (
        files.memory(stored) as held,
        sandbox.run(f"{READER}:look", held.fd, {"kind": kind, "options": dict(options)}, LOOKING, WORDS) as result,
    ):
        return told(result)


def told(result: sandbox.Result) -> dict[str, Any]:
    """A stranger's word as JSON of the right shape."""
    try:
        with result.open() as file:
            given = json.loads(file.read(MOST_TOLD))
        return {
            "columns": [column_of(one) for one in given["columns"]],
            "rows": [[str(cell)[:200] for cell in row] for row in given["rows"][:50]],
            "sheets": [str(name)[:200] for name in given["sheets"][:500]],
            "notes": [
                {"code": str(one["code"]), "count": int(one["count"]), "cells": str(one.get("cells", ""))[:400]}
                for one in given["notes"][:20]
                if one["code"] in ("formulas", "merged")
            ],
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise unsound() from None


def column_of(given: Mapping[str, Any]) -> dict[str, Any]:
    codes = {text(code): text(label) for code, label in dict(given["codes"]).items()}
    return {
        "name": text(given["name"]),
        "type": text(given["type"]),
        "label": text(given["label"])[:300],
        "unit": text(given["unit"])[:60],
        "codes": codes,
        "missing_codes": [text(code) for code in given["missing_codes"]],
    }


def text(value: Any) -> str:
    """A text that the database keeps, of a length that a dictionary takes."""
    clean = str(value).replace("\0", "").encode("utf-8", "replace").decode()
    return clean[:300]


def unsound() -> Invalid:
    message = gettext_lazy("This file can’t be read: it is damaged.")
    return Invalid([Fault("file", "crashed", message)], message)


@contextmanager
def rows_of(stored: StoredFile, plan: Mapping[str, Any]) -> Iterator[tuple[pa.RecordBatchReader, list[Column]]]:
    """The rows under the names of the plan, and what the file says of its columns. Raises Invalid, BadCells."""
    limits = AT_ONCE if stored.size <= SMALL else READING
    with (
        files.memory(stored) as held,
        sandbox.run(f"{READER}:read", held.fd, arguments_of(plan), limits, WORDS) as result,
        stream_of(result, plan) as found,
    ):
        yield found


def arguments_of(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What the reader is told of a file."""
    options = {key: plan[key] for key in ("sheet", "header") if key in plan}
    if plan["format"] == "xlsx":
        options["columns"] = [{"name": column["name"], "type": column["type"]} for column in plan["columns"]]
    return {"kind": plan["format"], "options": options}


@contextmanager
def stream_of(result: sandbox.Result, plan: Mapping[str, Any]) -> Iterator[tuple[pa.RecordBatchReader, list[Column]]]:
    """What the reader wrote, believed only where it is sound. Raises Invalid, BadCells."""
    names = [column["name"] for column in plan["columns"]]
    with result.open() as file:
        if file.read(1) == b"{":
            raise BadCells(faults_in(b"{" + file.read(MOST_TOLD)))
    with result.open() as file:
        try:
            stream = pa.ipc.open_stream(file)
            said = [column_of(one) for one in json.loads((stream.schema.metadata or {}).get(b"columns", b"[]"))]
        except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise unsound() from None
        if len(stream.schema) != len(names):
            raise unsound()
        schema = pa.schema([(name, field.type) for name, field in zip(names, stream.schema, strict=True)])
        reader = pa.RecordBatchReader.from_batches(schema, sound(stream, schema))
        yield reader, [described(name, one) for name, one in zip(names, said, strict=False)]


def described(name: str, said: Mapping[str, Any]) -> Column:
    return Column(name, said["label"], said["unit"], said["codes"] or None, missing_codes=said["missing_codes"])


def sound(stream: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Its batches, each proved to be what it says: a stranger's process wrote them."""
    try:
        for batch in stream:
            batch.validate(full=True)
            yield pa.record_batch(batch.columns, schema=schema)
    except (pa.ArrowException, OSError):
        raise unsound() from None


def faults_in(data: bytes) -> dict[str, Any]:
    try:
        given = json.loads(data)
        return {
            "count": int(given["count"]),
            "faults": [
                {
                    "row": int(one["row"]),
                    "column": text(one["column"])[:200],
                    "code": str(one["code"]),
                    "detail": text(one["detail"])[:60],
                }
                for one in given["faults"][:200]
            ],
        }
    except (ValueError, TypeError, KeyError, RecursionError):
        raise unsound() from None
