"""Tables as CSV that spreadsheets show and don't run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from core.web.formulas import harmless


def export(names: list[str], batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, commas, decimal points, ISO dates, CRLF (RFC 4180); a piece for each batch.

    Text that a spreadsheet would run as a formula is preceded by an apostrophe; numbers are not text.
    """
    yield b"\xef\xbb\xbf" + written([[harmless(name) for name in names]])
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        yield written([[cell(value) for value in row] for row in zip(*columns, strict=True)])


def written(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def cell(value: Any) -> Any:
    """What is written of a value; nothing for one that is missing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return harmless(str(value))
