"""CDISC Dataset-JSON 1.1 as lines of JSON, to be read row by row: a file per dataset, in a ZIP."""

from __future__ import annotations

from typing import IO

from ecrf.engine.exports.book import Book
from ecrf.engine.exports.cdisc.writing import as_ndjson, write_zip
from ecrf.engine.faults import Fault


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    write_zip(book, out, ".ndjson", as_ndjson)
    return []
