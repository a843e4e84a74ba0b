"""What the columns of an export mean: labels, types, units, choices. One line per column of each table."""

from __future__ import annotations

from collections.abc import Iterator

from ecrf.engine.exports.book import Book
from ecrf.engine.exports.tables import Column, Table, labels_of

HEADER = ("table", "column", "item", "page", "label", "type", "unit", "choices", "identifier")
STATUSES = {
    "wait": "To be entered later",
    "check": "To be checked",
    "nsp": "Does not wish to answer",
    "na": "Not applicable",
    "nd": "Not known",
}
"""The statuses that every form knows, in English; a form's own have labels of their own."""


def label(column: Column, book: Book) -> str:
    """What a column is called, in the export's language."""
    if column.item is None:
        return column.name.replace("_", " ")
    text = book.definition.text(column.item.spec["label"], book.options.language) or column.item.key
    if column.code:
        return f"{text}: {labels_of(column.item, book)[column.code]}"
    return f"{text} ({column.part})" if column.part else text


def statuses(book: Book) -> dict[str, str]:
    """Each status with its words."""
    own = {
        code["code"]: book.definition.text(code["label"], book.options.language) or code["code"]
        for code in book.definition.data.get("missing_codes", ())
    }
    return {code: own.get(code) or STATUSES.get(code, code) for code in book.definition.statuses}


def choices(column: Column, book: Book) -> str:
    """``1=Yes | 0=No``"""
    if column.part == "status":
        return " | ".join(f"{code}={words}" for code, words in statuses(book).items())
    if column.code:
        return "1=1 | 0=0"
    if column.item is None or not column.item.codes:
        return ""
    return " | ".join(f"{code}={words}" for code, words in labels_of(column.item, book).items())


def codebook(book: Book, tables: list[Table]) -> Iterator[list[str]]:
    for table in tables:
        for column in table.columns:
            item = column.item
            yield [
                table.name,
                column.name,
                item.key if item else "",
                item.page if item else "",
                label(column, book),
                column.kind,
                item.spec.get("unit", "") if item and not column.part else "",
                choices(column, book),
                "1" if item and item.spec.get("identifier") else "",
            ]
