"""The datasets that a form becomes, and their columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exports.book import Book
from ecrf.engine.items import Item, Page

TYPES: dict[str, dict[str, str]] = {
    "integer": {"dataType": "integer"},
    "decimal": {"dataType": "decimal", "targetDataType": "decimal"},
    "date": {"dataType": "date"},
    "datetime": {"dataType": "datetime"},
    "time": {"dataType": "time"},
}
"""What isn't here is a string: partial dates too, for a date of Dataset-JSON is whole."""
KEYS = ("subject", "site", "event", "instance")
NOTES, HISTORY = "_notes", "_history"
OWN = frozenset({*KEYS, "page_status", "row"})
"""Columns that aren't items; an item of the same name gets ``_item`` behind its own."""


@dataclass(frozen=True)
class Column:
    """`item` and, for one box of several, `code`."""

    name: str
    label: str
    type: dict[str, str] = field(default_factory=lambda: {"dataType": "string"})
    key: int = 0
    """Its place among the columns that tell one row from the others; 0 for the rest."""
    item: Item | None = None
    code: str = ""


@dataclass(frozen=True)
class Dataset:
    name: str
    label: str
    columns: tuple[Column, ...]
    page: str = ""
    group: str = ""
    """The key of the rows, where it holds those of a repeating group."""


class Words:
    """The texts of a form in the language of the export, for columns."""

    def __init__(self, book: Book) -> None:
        self.definition: Definition = book.definition
        self.language = book.options.language

    def of(self, texts: Any, otherwise: str) -> str:
        return self.definition.text(texts, self.language) or otherwise


def datasets(book: Book) -> list[Dataset]:
    """In the order of the form; notes and changes come last, where they are asked for."""
    words = Words(book)
    found = [one for page in book.definition.pages for one in of_page(words, page)]
    if book.options.statuses:
        found.append(Dataset(NOTES, "Statuses and comments", (*keys(), *plain("page", "place", "status", "comment"))))
    if book.options.history:
        said = plain("page", "item", "value", "user", "user_site", "at", "reason")
        found.append(Dataset(HISTORY, "Changes of values", (*keys(), *said)))
    return found


def of_page(words: Words, page: Page) -> Iterator[Dataset]:
    title = words.of(page.title, page.key)
    items = [item for item in page.items if item.kind != "output" and not item.repeat]
    status = Column("page_status", "State of the page")
    own = [column for item in items for column in of_item(words, item)]
    yield Dataset(page.key, title, (*keys(), status, *own), page.key)
    for group in page.groups:
        if not group.repeat:
            continue
        cells = [item for item in page.items if item.repeat == group.repeat and item.kind != "output"]
        label = words.of(group.spec.get("title"), group.repeat)
        row = Column("row", "Row", {"dataType": "integer"}, len(KEYS) + 1)
        columns = (*keys(), row, *(column for item in cells for column in of_item(words, item)))
        yield Dataset(f"{page.key}.{group.repeat}", f"{title}: {label}", columns, page.key, group.repeat)


def keys() -> Iterator[Column]:
    labels = ("Subject", "Site", "Event", "Instance")
    for place, (name, label) in enumerate(zip(KEYS, labels, strict=True), start=1):
        yield Column(name, label, {"dataType": "integer" if name == "instance" else "string"}, place)


def plain(*names: str) -> Iterator[Column]:
    return (Column(name, name.replace("_", " ").capitalize()) for name in names)


def of_item(words: Words, item: Item) -> Iterator[Column]:
    """One column, or one per box."""
    name = f"{item.key}_item" if item.key.lower() in OWN else item.key
    label = words.of(item.spec["label"], item.key)
    if item.kind != "choices":
        yield Column(name, label, dict(TYPES.get(item.kind, {"dataType": "string"})), item=item)
        return
    for code, choice in item.codes.items():
        ticked = f"{label}: {words.of(choice['label'], code)}"
        yield Column(f"{name}___{code}", ticked, {"dataType": "integer"}, item=item, code=code)
