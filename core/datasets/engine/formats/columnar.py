"""Parquet as other programs write it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets.engine.formats.tables import Source, described
from core.datasets.engine.writing import kind as kind_of_type
from core.files.unreadable import Unreadable

KINDS = frozenset({"boolean", "integer", "number", "date", "datetime", "time", "text"})
SAID = b"columns"
"""Key of a file's metadata under which our own files say of the columns what the dictionary says."""


def opened(source: IO[bytes], _kind: str, _options: Mapping[str, Any]) -> Source:
    """Flat columns of plain types; a column of lists or of bytes is refused by its number and name."""
    try:
        parquet = pq.ParquetFile(source, thrift_string_size_limit=100 << 20, thrift_container_size_limit=10_000_000)
        schema = parquet.schema_arrow
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unreadable("not_parquet") from error
    kept = []
    for number, field in enumerate(schema, 1):
        if kind_of_type(field.type) not in KINDS:
            raise Unreadable("nested", column=number)
        kept.append(pa.field(field.name, plain_type(field.type)))
    said = said_of(schema.metadata or {})
    columns = [{**described(field.name, kind_of_type(field.type)), **said.get(field.name, {})} for field in kept]
    plain = pa.schema(kept)

    def batches(most: int) -> Iterator[pa.RecordBatch]:
        try:
            for batch in parquet.iter_batches(most, use_threads=False):
                yield pa.record_batch(
                    [column.cast(field.type) for column, field in zip(batch.columns, plain, strict=True)], schema=plain
                )
        except (pa.ArrowException, OSError, ValueError) as error:
            raise Unreadable("not_parquet") from error

    return Source(columns, plain, batches)


def plain_type(type_: pa.DataType) -> pa.DataType:
    """One type for each kind, so that what is read from any program is the same."""
    kind = kind_of_type(type_)
    if kind == "text":
        return pa.string()
    if kind == "datetime":
        return pa.timestamp("us")
    if kind == "date":
        return pa.date32()
    if kind == "integer":
        return pa.int64() if not pa.types.is_uint64(type_) else pa.uint64()
    if kind == "time":
        return pa.time64("us")
    return pa.float64() if kind == "number" else pa.bool_()


def said_of(metadata: Mapping[bytes, bytes]) -> dict[str, dict[str, Any]]:
    """What one of our own files says of its columns; nothing where it isn't one."""
    try:
        given = json.loads(metadata.get(SAID, b"[]"))
        return {
            str(one["name"]): {key: one[key] for key in ("label", "unit", "codes", "missing_codes") if key in one}
            for one in given
        }
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
