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


def put(archive: ZipFile, book: Book) -> list[list[str]]:
    """Write every file into the folder, one after the other; gives the lines of the table."""
    lines = []
    for number, (record, place) in enumerate(places(book), start=1):
        file = record.files[place]
        path = f"{FOLDER}/{number:05d}-{plain(record.subject)}-{plain(place)}-{plain(file.name)}"
        info = ZipInfo(path, book.exported_at.timetuple()[:6])
        info.compress_type = ZIP_STORED
        archive.writestr(info, file.content)
        own = [record.subject, record.site, record.event, record.page, str(record.instance)]
        lines.append([*own, place, value_at(record, place), file.name, file.kind, path])
    return lines


def places(book: Book) -> Iterator[tuple[Record, str]]:
    return ((record, place) for record in book.records() for place in record.files)


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
