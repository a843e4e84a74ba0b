"""The files that questions hold, as a folder of an archive, and the table that says which is whose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from ecrf.engine.exchange.records import Record
from ecrf.engine.exports.book import Book

HEADER = ("subject", "site", "event", "page", "instance", "place", "value", "name", "type", "file")
FOLDER = "files"
ROOM = 60
"""Signs of a part of a name."""


def put(archive: ZipFile, book: Book) -> None:
    """Write every file into the folder, one after the other."""
    for path, record, place in places(book):
        info = ZipInfo(path, book.exported_at.timetuple()[:6])
        info.compress_type = ZIP_STORED
        archive.writestr(info, record.files[place].content)


def table(book: Book) -> Iterator[list[str]]:
    for path, record, place in places(book):
        file = record.files[place]
        own = [record.subject, record.site, record.event, record.page, str(record.instance)]
        yield [*own, place, value_at(record, place), file.name, file.kind, path]


def places(book: Book) -> Iterator[tuple[str, Record, str]]:
    """Each file: its path, its record, its place."""
    found = ((record, place) for record in book.records() for place in record.files)
    for number, (record, place) in enumerate(found, start=1):
        name = f"{number:05d}-{plain(record.subject)}-{plain(place)}-{plain(record.files[place].name)}"
        yield f"{FOLDER}/{name}", record, place


def value_at(record: Record, place: str) -> str:
    """What the question holds, by which the other tables name the file."""
    row, _, key = place.rpartition(".")
    if not row:
        return str(record.values.get(place, ""))
    group, _, number = row.removesuffix("]").partition("[")
    return str(record.values[group][int(number)].get(key, ""))


def plain(text: str) -> str:
    """A part of a name that every disk takes."""
    return re.sub(r"[^\w.-]+", "_", text)[-ROOM:].strip("._") or "file"
