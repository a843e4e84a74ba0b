"""Books made by hand for the writers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zipfile import ZipFile

from ecrf import engine
from ecrf.engine.exchange.records import Record
from ecrf.engine.exports import FORMATS, Book, Options
from ecrf.engine.faults import Fault
from tests.ecrf.engine.exchange.studies import study
from tests.ecrf.engine.exchange.test_odm_data import records as two_subjects

AT = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


def book(data: dict[str, Any] | None = None, records: Iterable[Record] | None = None, **options: Any) -> Book:
    """The study of the formats with its two subjects, unless something else is said."""
    kept = list(two_subjects() if records is None else records)
    made = Options(**options)
    return Book(engine.load(data or study()), lambda: iter(kept), "A study", "study", AT, 3, made)


def written(given: Book, name: str) -> tuple[bytes, list[Fault]]:
    out = io.BytesIO()
    losses = FORMATS[name].write(given, out)
    return out.getvalue(), losses


def unzipped(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def datasets(given: Book) -> dict[str, Any]:
    """What a Dataset-JSON export holds, by the names of its files."""
    return {name: json.loads(content) for name, content in unzipped(written(given, "dataset-json")[0]).items()}
