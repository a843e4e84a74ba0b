"""A workbook as Goupile writes it: a sheet per page that was filled in, ``NA`` for what is missing, ``@definitions``
and ``@propositions``. Its ``@counters`` belong to scripts, which keep none here: there is no such sheet.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from ecrf.engine.exchange.records import Record
from ecrf.engine.exports.book import Book
from ecrf.engine.exports.tables import labels_of
from ecrf.engine.exports.workbook import Cell, Workbook, number, text
from ecrf.engine.faults import Fault
from ecrf.engine.items import Item

NAME = 30
MISSING = "NA"
OWN = ("__tid", "__sequence", "__hid")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TYPES = {
    "text": "text",
    "integer": "number",
    "decimal": "number",
    "date": "date",
    "partial_date": "date",
    "datetime": "datetime",
    "time": "time",
    "choice": "enum",
    "choices": "multi",
    "file": "file",
}


@dataclass
class Seen:
    """What of a page somebody has filled in."""

    entries: int = 0
    items: set[str] = field(default_factory=set)


def thread_id(study: str, subject: str) -> str:
    """26 signs as of a ULID, of one subject always the same: by them the sheets are joined."""
    number_ = int.from_bytes(hashlib.sha256(f"{study}\0{subject}".encode()).digest()[:16], "big")
    return "".join(ALPHABET[number_ >> 5 * (25 - place) & 31] for place in range(26))


def survey(book: Book) -> tuple[dict[str, Seen], bool]:
    """What was filled in of each page, and whether anything has a status or a comment."""
    seen = {page.key: Seen() for page in book.definition.pages}
    of = {key: item.page for key, item in book.definition.items.items()}
    noted = False
    for record in book.records():
        noted = noted or bool(record.notes)
        for page in pages_in(record, of):
            seen[page].entries += 1
        for key in (*record.values, *record.notes):
            if key in of:
                seen[of[key]].items.add(key)
    return seen, noted


def pages_in(record: Record, of: dict[str, str]) -> set[str]:
    """The pages in which the record holds something."""
    return {of[key] for key in (*record.values, *record.notes) if key in of}


def exported(items: tuple[Item, ...], seen: Seen) -> list[Item]:
    """Variables that somebody was shown: all that nothing hides, and those that hold something somewhere."""
    return [
        item
        for item in items
        if item.kind != "output"
        and not item.repeat
        and (item.key in seen.items or not (item.condition or item.group.conditions))
    ]


def number_or_missing(value: Any) -> str:
    return text(value) if value == MISSING else number(value)


def cell(item: Item) -> Cell:
    """Numbers are numbers, as are boxes and the answers to yes-no questions that are."""
    numeric = item.kind in ("integer", "decimal", "choices") or item.spec.get("look") == "yesno"
    whole = item.kind == "choices" or all(re.fullmatch(r"-?[0-9]{1,9}", code) for code in item.codes)
    return number_or_missing if numeric and whole else text


def columns(items: list[Item]) -> tuple[list[str], list[Cell]]:
    names: list[str] = []
    cells: list[Cell] = []
    for item in items:
        own = [f"{item.key}.{code}" for code in item.codes] if item.kind == "choices" else [item.key]
        names += own
        cells += [cell(item)] * len(own)
    return names, cells


def lines(book: Book, page: str, items: list[Item], *, events: bool) -> Iterator[list[Any]]:
    of = {key: item.page for key, item in book.definition.items.items()}
    order: dict[str, int] = {}
    for record in book.records():
        place = order.setdefault(record.subject, len(order) + 1)
        if page not in pages_in(record, of):
            continue
        found = re.search(r"([0-9]+)$", record.subject)
        own: list[Any] = [thread_id(book.key, record.subject), int(found[1]) if found else place, record.subject]
        if events:
            own += [record.event or MISSING, record.instance]
        for item in items:
            value = record.values.get(item.key)
            if item.kind == "choices":
                own += [MISSING if not value else int(code in value) for code in item.codes]
            else:
                own.append(MISSING if value is None else value)
        yield own


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    definition = book.definition
    seen, noted = survey(book)
    events = bool(definition.events or definition.copied_pages())
    workbook = Workbook(out)
    written: list[tuple[str, Item]] = []
    for page in definition.pages:
        items = exported(page.items, seen[page.key])
        if not seen[page.key].entries or not items:
            continue
        names, cells = columns(items)
        head = [*OWN, *(("__event", "__instance") if events else ()), *names]
        own: list[Cell] = [text, number, text, *((text, number) if events else ())]
        workbook.sheet(page.key, [head], lines(book, page.key, items, events=events), [*own, *cells], limit=NAME)
        written += [(page.key, item) for item in items]
    workbook.sheet("@definitions", [("table", "variable", "label", "type")], definitions(book, written))
    workbook.sheet("@propositions", [("table", "variable", "prop", "label")], propositions(book, written))
    workbook.end()
    return [*workbook.losses, *losses(book, events=events, noted=noted)]


def definitions(book: Book, written: list[tuple[str, Item]]) -> Iterator[list[str]]:
    for page, item in written:
        label = book.definition.text(item.spec["label"], book.options.language) or item.key
        kind = "binary" if item.spec.get("look") == "yesno" else "calc" if item.calc else TYPES[item.kind]
        yield [page, item.key, label, kind]


def propositions(book: Book, written: list[tuple[str, Item]]) -> Iterator[list[str]]:
    for page, item in written:
        for code, label in labels_of(item, book).items():
            yield [page, item.key, code, label]


def losses(book: Book, *, events: bool, noted: bool) -> Iterator[Fault]:
    if events:
        yield Fault("", "goupile_events", {})
    if noted:
        yield Fault("", "statuses_left_out", {})
    for key in book.definition.groups:
        yield Fault(key, "rows_left_out", {})
    if book.options.history:
        yield Fault("", "history_left_out", {})
