"""A ZIP of CSV files: a table each, and the codebook. The first table reads back through our own flat import."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from ecrf.engine.exports import folder
from ecrf.engine.exports.book import Book
from ecrf.engine.exports.codebook import HEADER, codebook
from ecrf.engine.exports.tables import Column, tables
from ecrf.engine.faults import Fault

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a text begins that a spreadsheet runs as a formula, also in full width."""
BLOCK = 1 << 18
SINCE = (1980, 1, 1, 0, 0, 0)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what it would run."""
    if text[:1].isalnum():
        return text
    return f"'{text}" if text.startswith(DANGEROUS) or text.lstrip().startswith(DANGEROUS) else text


def write_table(out: IO[bytes], header: Sequence[str], lines: Iterable[Sequence[Any]], *, bom: bool) -> None:
    """Some hundred kilobytes are held at a time."""
    text = io.StringIO()
    writer = csv.writer(text)
    if bom:
        text.write("\ufeff")
    writer.writerow(header)
    for line in lines:
        writer.writerow(line)
        if text.tell() > BLOCK:
            out.write(text.getvalue().encode("utf-8", "replace"))
            text.seek(0)
            text.truncate()
    out.write(text.getvalue().encode("utf-8", "replace"))


def flags(columns: Sequence[Column], lines: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """Yes and no are 1 and 0."""
    places = [place for place, column in enumerate(columns) if column.kind == "flag"]
    for line in lines:
        for place in places:
            line[place] = int(line[place])
        yield line


def member(archive: zipfile.ZipFile, name: str, book: Book) -> IO[bytes]:
    """A file in the archive, however large it gets."""
    info = zipfile.ZipInfo(name, book.exported_at.timetuple()[:6] if book.exported_at.year >= 1980 else SINCE)
    info.compress_type = zipfile.ZIP_DEFLATED
    return archive.open(info, "w", force_zip64=True)


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    """Nothing is lost: everything that the book holds is in one of the tables."""
    found = tables(book, harmless)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for table in found:
            lines = flags(table.columns, table.lines())
            with member(archive, f"{table.name}.csv", book) as file:
                write_table(file, [column.name for column in table.columns], lines, bom=book.options.bom)
        with member(archive, "codebook.csv", book) as file:
            lines = ([harmless(cell) for cell in line] for line in codebook(book, found))
            write_table(file, HEADER, lines, bom=book.options.bom)
        if book.options.files:
            lines = ([harmless(cell) for cell in line] for line in folder.table(book))
            with member(archive, "files.csv", book) as file:
                write_table(file, folder.HEADER, lines, bom=book.options.bom)
            folder.put(archive, book)
    return []
