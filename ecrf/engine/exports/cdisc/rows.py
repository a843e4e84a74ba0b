"""A record as rows of datasets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.records import Record
from ecrf.engine.exports.book import Book
from ecrf.engine.exports.cdisc.columns import HISTORY, NOTES, Column, Dataset, Words

Row = list[Any]


class Rows:
    def __init__(self, book: Book, datasets: list[Dataset]) -> None:
        self.definition: Definition = book.definition
        self.labels, self.words = book.options.labels, Words(book)
        self.datasets = datasets

    def of(self, record: Record) -> Iterator[tuple[Dataset, Row]]:
        """The rows that a record gives each dataset. A page that nobody began gives none."""
        begun = self.begun(record)
        key: Row = [record.subject, record.site, record.event, record.instance]
        for dataset in self.datasets:
            if dataset.name == NOTES:
                yield from ((dataset, [*key, *row]) for row in self.notes(record))
            elif dataset.name == HISTORY:
                yield from ((dataset, [*key, *row]) for row in self.history(record))
            elif dataset.page not in begun:
                continue
            elif dataset.group:
                for number, row in enumerate(record.values.get(dataset.group) or (), start=1):
                    yield dataset, [*key, number, *self.cells(dataset.columns[len(key) + 1 :], row)]
            else:
                cells = self.cells(dataset.columns[len(key) + 1 :], record.values)
                yield dataset, [*key, record.pages.get(dataset.page, ""), *cells]

    def begun(self, record: Record) -> set[str]:
        if record.page:
            return {record.page}
        places = (place.partition("[")[0] for place in (*record.values, *record.notes))
        return set(record.pages) | {page for place in places if (page := self.page_of(place))}

    def page_of(self, place: str) -> str:
        key = place.partition("[")[0]
        if key in self.definition.groups:
            return self.definition.groups[key].page
        return self.definition.items[key].page if key in self.definition.items else ""

    def cells(self, columns: tuple[Column, ...], values: Mapping[str, Any]) -> Iterator[Any]:
        for column in columns:
            assert column.item is not None
            value = values.get(column.item.key)
            yield None if value in (None, "") else self.cell(column, value)

    def cell(self, column: Column, value: Any) -> Any:
        item = column.item
        assert item is not None
        if column.code:
            return int(column.code in value)
        if item.kind == "integer":
            return int(value)
        if item.kind in ("time", "datetime"):
            return f"{value}:00" if value.count(":") == 1 else value
        if self.labels and value in item.codes:
            return self.words.of(item.codes[value]["label"], value)
        return value

    def notes(self, record: Record) -> Iterator[Row]:
        for place, note in record.notes.items():
            if note.get("status") or note.get("comment"):
                yield [self.page_of(place), place, note.get("status") or None, note.get("comment") or None]

    def history(self, record: Record) -> Iterator[Row]:
        for change in record.audit:
            said = [text or None for text in (change.user, change.site, change.at, change.reason)]
            yield [self.page_of(change.key) or None, change.key or None, as_text(change.value), *said]


def as_text(value: Any) -> str | None:
    """A stored value in one cell: rows as JSON, codes one after the other."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)
