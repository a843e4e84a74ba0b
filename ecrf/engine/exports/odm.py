"""CDISC ODM with data: snapshots of the values, or transactional files with each change of each value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import IO

from ecrf.engine.exchange.odm.data import People
from ecrf.engine.exports.book import Book
from ecrf.engine.exports.lacking import lacking
from ecrf.engine.faults import Fault


def write_odm(write_data: Callable[..., Iterator[str]], book: Book, out: IO[bytes]) -> list[Fault]:
    """With the writer of a version. Two runs over the records: ODM says who appears in the data before them."""
    at = book.exported_at
    created = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    history = book.options.history
    for piece in write_data(book.definition, book.records(), audit=history, created=created, people=people(book)):
        out.write(piece.encode())
    return lacking(book, "labels")


def people(book: Book) -> People:
    """Everybody and every site that the data name."""
    users: dict[str, str] = {}
    sites: dict[str, str] = {}
    for record in book.records():
        told = [*record.signatures, *(record.audit if book.options.history else ())]
        users |= {one.user: one.user for one in told if one.user}
        sites |= {site: site for site in (record.site, *(one.site for one in told)) if site}
    return People(users, sites)
