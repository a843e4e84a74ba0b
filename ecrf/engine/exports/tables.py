"""A book as tables: what the events ask, each page that repeats, each group of rows; and the history.

Own columns come first, then the items; several choices are one column of 0 and 1 per box (``key___code``), a status
stands beside its item (``key.status``, ``key.comment``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.records import Record
from ecrf.engine.exports.book import Book, Options
from ecrf.engine.items import Item

OWN = ("subject", "site", "event", "page", "instance", "form_version", "complete", "saved_at", "row")
"""Names of own columns; an item of the same name gets ``_item`` behind its own."""
MAIN = "records"
HISTORY = "history"
CHANGES = ("subject", "site", "event", "page", "instance", "item", "value", "user", "at", "reason")


GUARDED = frozenset({"text", "file", "choice"})
"""Kinds of columns in which stands what people wrote."""
Guard = Callable[[str], str]


@dataclass(frozen=True)
class Column:
    """A column; `item` is what it comes from, `code` the box, `part` ``status`` or ``comment`` where it says that."""

    name: str
    kind: str
    """A type of item, ``box``, or of an own column ``text``, ``integer``, ``flag`` or ``moment``."""
    item: Item | None = None
    code: str = ""
    part: str = ""


@dataclass(frozen=True)
class Table:
    """Columns, and what they hold line by line: stored values, never typed ones."""

    name: str
    columns: tuple[Column, ...]
    lines: Callable[[], Iterator[list[Any]]]
    group: str = ""
    """The key of the rows that it holds, where it does."""
    page: str = ""


def own_columns(definition: Definition, *, row: bool = False, event: bool = True) -> list[Column]:
    kinds = {"form_version": "integer", "instance": "integer", "complete": "flag", "saved_at": "moment"}
    names = ["subject", "site"]
    if definition.events and event:
        names.append("event")
    if definition.events or definition.copied_pages() or any(page.spec.get("repeats") for page in definition.pages):
        names += ["page", "instance"]
    names += ["row"] if row else ["form_version", "complete", "saved_at"]
    return [Column(name, "integer" if name == "row" else kinds.get(name, "text")) for name in names]


def item_columns(item: Item, options: Options, *, annotated: bool) -> Iterator[Column]:
    name = f"{item.key}_item" if item.key in OWN else item.key
    if item.kind == "choices":
        for code in item.codes:
            yield Column(f"{name}___{code}", "box", item, code)
    else:
        yield Column(name, item.kind, item)
    if options.statuses and annotated:
        yield Column(f"{name}.status", "text", item, part="status")
        yield Column(f"{name}.comment", "text", item, part="comment")


def tables(book: Book, guard: Guard | None = None) -> list[Table]:
    """Every table of the book; those of rows hold their parent's keys. `guard` changes what people wrote freely."""
    definition, options = book.definition, book.options
    once, copied = pages_by_kind(definition)
    found: list[Table] = []
    for page_key, items in ((MAIN, once), *copied.items()):
        if not items and page_key == MAIN:
            continue
        columns = [
            *own_columns(definition),
            *(
                column
                for item in items
                for column in item_columns(item, options, annotated=annotated(definition, item))
            ),
        ]
        page = "" if page_key == MAIN else page_key
        found.append(Table(page_key, tuple(columns), reading(book, columns, page, guard), page=page))
    for key, group in definition.groups.items():
        items = [item for item in definition.items.values() if item.repeat == key and item.kind != "output"]
        columns = [
            *own_columns(definition, row=True),
            *(
                column
                for item in items
                for column in item_columns(item, options, annotated=annotated(definition, item))
            ),
        ]
        found.append(Table(key, tuple(columns), reading_rows(book, columns, key, guard), group=key, page=group.page))
    if options.history:
        columns = [Column(name, "integer" if name == "instance" else "text") for name in CHANGES]
        found.append(Table(HISTORY, tuple(columns), reading_history(book, guard)))
    return named_apart(found)


def named_apart(found: list[Table]) -> list[Table]:
    """A group or page may be called like another table, or differ by its case alone, which a disk may not tell."""
    seen = {"codebook", "files"}
    apart: list[Table] = []
    for table in found:
        name, number = table.name, 2
        while name.lower() in seen:
            name, number = f"{table.name}_{number}", number + 1
        seen.add(name.lower())
        apart.append(Table(name, table.columns, table.lines, table.group, table.page))
    return apart


def annotated(definition: Definition, item: Item) -> bool:
    return definition.may_annotate(item)


def pages_by_kind(definition: Definition) -> tuple[list[Item], dict[str, list[Item]]]:
    """The items asked once at some event, and those of each page that is filled in as often as needed somewhere."""
    events = list(definition.events) or [""]
    once = {page.key for event in events for page in definition.pages_of(event)}
    copied = {page.key for event in events for page in definition.copied_pages(event)}
    single: list[Item] = []
    several: dict[str, list[Item]] = {}
    for page in definition.pages:
        items = [item for item in page.items if item.kind != "output" and not item.repeat]
        if page.key in once:
            single += items
        if page.key in copied:
            several[page.key] = items
    return single, several


def reading(book: Book, columns: Sequence[Column], page: str, guard: Guard | None) -> Callable[[], Iterator[list[Any]]]:
    fill = filling(book, columns, guard)
    own = [(place, own_cell(column.name)) for place, column in enumerate(columns) if column.item is None]

    def lines() -> Iterator[list[Any]]:
        for record in book.records():
            if record.page == page:
                line = [None] * len(columns)
                for place, cell in own:
                    line[place] = cell(record)
                fill(line, record.values, record.notes, "")
                yield line

    return lines


Fill = Callable[[list[Any], Mapping[str, Any], Mapping[str, Any], str], None]


def filling(book: Book, columns: Sequence[Column], guard: Guard | None) -> Fill:
    """What puts the values and notes that there are into a line of nothing: the time goes by what is there."""
    single: dict[str, tuple[int, Guard | None]] = {}
    boxes: dict[str, list[tuple[int, str]]] = {}
    parts: dict[str, list[tuple[int, str]]] = {}
    for place, column in enumerate(columns):
        if column.item is None:
            continue
        key = column.item.key
        if column.part:
            parts.setdefault(key, []).append((place, column.part))
        elif column.code:
            boxes.setdefault(key, []).append((place, column.code))
        else:
            change = guard if column.kind in GUARDED else None
            if column.kind == "choice" and book.options.labels:
                change = labelling(labels_of(column.item, book), guard)
            single[key] = place, change

    def fill(line: list[Any], values: Mapping[str, Any], notes: Mapping[str, Any], prefix: str) -> None:
        for key, value in values.items():
            if (found := single.get(key)) is not None:
                place, change = found
                line[place] = value if change is None else change(value)
            elif key in boxes:
                for place, code in boxes[key]:
                    line[place] = int(code in value)
        if not notes or not parts:
            return
        for where, note in notes.items():
            key = where.removeprefix(prefix)
            for place, part in parts.get(key, ()) if where.startswith(prefix) else ():
                said = note.get(part) or None
                line[place] = guard(said) if said and guard else said

    return fill


def labelling(labels: Mapping[str, str], guard: Guard | None) -> Guard:
    told_ = {code: guard(words) if guard else words for code, words in labels.items()}
    return lambda code: told_.get(code, code)


def own_cell(name: str) -> Callable[[Record], Any]:
    if name == "complete":
        return is_complete
    if name == "form_version":
        return lambda record: record.version or None
    return lambda record: getattr(record, name) or None


def is_complete(record: Record) -> bool:
    """Whether all pages that the record brings are complete."""
    return bool(record.pages) and all(state == "complete" for state in record.pages.values())


def labels_of(item: Item, book: Book) -> dict[str, str]:
    texts = {code: book.definition.text(choice["label"], book.options.language) for code, choice in item.codes.items()}
    return {code: text or code for code, text in texts.items()}


def reading_rows(
    book: Book, columns: Sequence[Column], group: str, guard: Guard | None
) -> Callable[[], Iterator[list[Any]]]:
    fill = filling(book, columns, guard)
    parents = [
        (place, None if column.name == "row" else own_cell(column.name))
        for place, column in enumerate(columns)
        if column.item is None
    ]

    def lines() -> Iterator[list[Any]]:
        for record in book.records():
            for number, row in enumerate(record.values.get(group) or (), start=1):
                line: list[Any] = [None] * len(columns)
                for place, cell in parents:
                    line[place] = number if cell is None else cell(record)
                fill(line, row, record.notes, f"{group}[{number - 1}].")
                yield line

    return lines


def reading_history(book: Book, guard: Guard | None) -> Callable[[], Iterator[list[Any]]]:
    safe = guard or str

    def lines() -> Iterator[list[Any]]:
        for record in book.records():
            own = [record.subject, record.site, record.event or None, record.page or None, record.instance]
            for change in record.audit:
                value = change.value if isinstance(change.value, str) else told(change.value)
                said = None if value is None else safe(value)
                yield [*own, change.key, said, safe(change.user), change.at, safe(change.reason)]

    return lines


def told(value: Any) -> str | None:
    """A list of codes or rows, as one text."""
    return None if value is None else json.dumps(value, ensure_ascii=False)
