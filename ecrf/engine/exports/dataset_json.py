"""CDISC Dataset-JSON 1.1: a file per dataset, in a ZIP."""

from __future__ import annotations

from typing import IO

from ecrf.engine.exports.book import Book
from ecrf.engine.exports.cdisc.writing import as_json, write_zip
from ecrf.engine.faults import Fault


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    write_zip(book, out, ".json", as_json)
    return []
