"""REDCap's flat CSV: what its import takes and its export gives."""

from __future__ import annotations

from typing import IO

from ecrf.engine.exports.book import Book
from ecrf.engine.exports.lacking import lacking
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.export import write_records


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    """The column of the data access group is there where a record has a site."""
    sites = any(record.site for record in book.records())
    for piece in write_records(book.definition, book.records(), sites=sites):
        out.write(piece.encode())
    return lacking(book, "labels", "history", "comments")
