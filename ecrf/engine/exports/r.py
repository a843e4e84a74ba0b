"""CSV files and an R script that makes data frames of them: factors with labels, dates, labels and units of columns."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from ecrf.engine.exports.book import Book
from ecrf.engine.exports.codebook import HEADER, codebook, label
from ecrf.engine.exports.csv import flags, member, write_table
from ecrf.engine.exports.frames import coded_book
from ecrf.engine.exports.naming import names
from ecrf.engine.exports.tables import Column, Table, labels_of, tables
from ecrf.engine.faults import Fault

READ = """# {study}, {day}. Run it in the folder of the CSV files: source("read.R", encoding = "UTF-8")
read_table <- function(name) {{
  read.csv(paste0(name, ".csv"), colClasses = "character", na.strings = "", check.names = FALSE,
           fileEncoding = "UTF-8", stringsAsFactors = FALSE)
}}
"""
AS = {
    "integer": "as.numeric({0})",
    "decimal": "as.numeric({0})",
    "box": "as.integer({0})",
    "flag": '{0} == "1"',
    "date": "as.Date({0})",
    "datetime": 'as.POSIXct({0}, format = "%Y-%m-%dT%H:%M", tz = "UTC")',
    "moment": 'as.POSIXct(substr({0}, 1, 19), format = "%Y-%m-%dT%H:%M:%S", tz = "UTC")',
}


def quoted(words: str) -> str:
    """A text of R."""
    signs = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": ""}
    return '"' + "".join(signs.get(sign, sign) for sign in words) + '"'


def vector(words: Iterator[str]) -> str:
    return f"c({', '.join(quoted(word) for word in words)})"


def column_lines(table: str, column: Column, book: Book) -> Iterator[str]:
    place = f"{table}[[{quoted(column.name)}]]"
    if column.item is not None and column.kind == "choice" and not column.part:
        labels = labels_of(column.item, book)
        yield f"{place} <- factor({place}, levels = {vector(iter(labels))}, labels = {vector(distinct(labels))})"
    elif column.kind in AS and not column.part:
        yield f"{place} <- {AS[column.kind].format(place)}"
    yield f'attr({place}, "label") <- {quoted(label(column, book))}'
    if column.item is not None and (unit := column.item.spec.get("unit")) and not column.part:
        yield f'attr({place}, "unit") <- {quoted(unit)}'


def distinct(labels: dict[str, str]) -> Iterator[str]:
    """Two choices with one label would be one level of a factor."""
    seen: set[str] = set()
    for code, words in labels.items():
        yield words if words not in seen else f"{words} ({code})"
        seen.add(words)


def script(book: Book, found: list[Table]) -> Iterator[str]:
    yield READ.format(study=" ".join(book.study.split()), day=book.exported_at.date().isoformat())
    for table, name in zip(found, names([table.name for table in found], 100, []), strict=True):
        yield f"{name} <- read_table({quoted(table.name)})"
        for column in table.columns:
            yield from column_lines(name, column, book)
        yield ""


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    """The CSV files hold codes and begin without a mark: R reads them as they are."""
    book = coded_book(book)
    book = replace(book, options=replace(book.options, bom=False))
    found = tables(book)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for table in found:
            with member(archive, f"{table.name}.csv", book) as file:
                header = [column.name for column in table.columns]
                write_table(file, header, flags(table.columns, table.lines()), bom=False)
        with member(archive, "codebook.csv", book) as file:
            write_table(file, HEADER, codebook(book, found), bom=False)
        with member(archive, "read.R", book) as file:
            file.write("\n".join(script(book, found)).encode())
    return []
