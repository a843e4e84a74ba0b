"""CDISC ODM 2.0 with data."""

from __future__ import annotations

from typing import IO

from ecrf.engine.exchange import odm_2_0
from ecrf.engine.exports.book import Book
from ecrf.engine.exports.odm import write_odm
from ecrf.engine.faults import Fault


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    """The study, who appears in it, and its data, a subject at a time."""
    return write_odm(odm_2_0.write_data, book, out)
