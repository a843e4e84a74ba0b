"""A workbook of ours: a sheet per table with real dates and numbers, the codebook, what statuses mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from zipfile import ZipFile, ZipInfo

from ecrf.engine.exports import folder
from ecrf.engine.exports.book import Book
from ecrf.engine.exports.codebook import HEADER, codebook, label, statuses
from ecrf.engine.exports.tables import tables
from ecrf.engine.exports.workbook import CELLS, Workbook, text
from ecrf.engine.faults import Fault


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    """The workbook; with the files of questions, an archive of it and their folder."""
    if not book.options.files:
        return write_workbook(book, out)
    with ZipFile(out, "w") as archive:
        info = ZipInfo(f"{book.key}.xlsx", book.exported_at.timetuple()[:6])
        with archive.open(info, "w", force_zip64=True) as file:
            losses = write_workbook(book, file)
        folder.put(archive, book)
    return losses


def write_workbook(book: Book, out: IO[bytes]) -> list[Fault]:
    """Names of columns in the first row, their labels in the second."""
    workbook = Workbook(out)
    found = tables(book)
    for table in found:
        heads = [[column.name for column in table.columns], [label(column, book) for column in table.columns]]
        cells = [text if column.part else CELLS.get(column.kind, text) for column in table.columns]
        workbook.sheet(table.name, heads, table.lines(), cells)
    workbook.sheet("codebook", [HEADER], codebook(book, found))
    workbook.sheet("statuses", [("status", "label", "in place of the value")], meanings(book))
    if book.options.files:
        workbook.sheet("files", [folder.HEADER], folder.table(book))
    workbook.end()
    return workbook.losses


def meanings(book: Book) -> Iterator[list[str]]:
    for code, words in statuses(book).items():
        yield [code, words, "1" if book.definition.statuses[code] else "0"]
