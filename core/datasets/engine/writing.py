"""Write a table as Parquet, row group by row group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import RawIOBase

import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets.engine.reading import ROW_GROUP

GROUP_BYTES = 256 << 20
"""A group ends early where its rows are very wide, so that writing needs no more memory than about this."""
PAGE_BYTES = 256 << 10


@dataclass
class Written:
    """What went through."""

    row_count: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    """Column -> rows without a value."""


def write(reader: pa.RecordBatchReader, sink: RawIOBase) -> Written:
    """Write every batch to `sink` (Parquet 2.6, zstd, statistics and page index). Holds one row group in memory."""
    schema = reader.schema.remove_metadata()
    written = Written(missing=dict.fromkeys(schema.names, 0))
    with writer(sink, schema) as file:
        for group in groups(reader, schema):
            written.row_count += group.num_rows
            for name, column in zip(schema.names, group.columns, strict=True):
                written.missing[name] += column.null_count
            file.write_table(group, row_group_size=ROW_GROUP)
    return written


def writer(sink: RawIOBase, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        sink, schema, compression="zstd", data_page_size=PAGE_BYTES, write_page_index=True, store_schema=True
    )


def groups(reader: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.Table]:
    """The batches gathered into tables of about one row group."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in reader:
        waiting.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= ROW_GROUP or size >= GROUP_BYTES:
            yield pa.Table.from_batches(waiting).cast(schema)
            waiting, rows, size = [], 0, 0
    if waiting:
        yield pa.Table.from_batches(waiting).cast(schema)


def kind(type_: pa.DataType) -> str:
    """The plain name of a column's type: what a dictionary of variables says."""
    return next((name for name, fits in KINDS if fits(type_)), str(type_))


KINDS = (
    ("boolean", pa.types.is_boolean),
    ("integer", pa.types.is_integer),
    ("number", lambda type_: pa.types.is_floating(type_) or pa.types.is_decimal(type_)),
    ("date", pa.types.is_date),
    ("datetime", pa.types.is_timestamp),
    ("time", pa.types.is_time),
    ("text", lambda type_: pa.types.is_string(type_) or pa.types.is_large_string(type_) or is_text_dictionary(type_)),
)


def is_text_dictionary(type_: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(type_) and pa.types.is_string(type_.value_type))
