"""Our flat layout in several tables: the sheets of a workbook or the files of an archive, each with the key columns.

What several sheets say of the same subject, event, page and copy is one record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.flat import IGNORED, WHOLE, Column, FlatRows
from ecrf.engine.exchange.judging import in_order
from ecrf.engine.exchange.records import Reading, Record, cell_fault
from ecrf.engine.exchange.sheets import Table, tables
from ecrf.engine.faults import Refused

BESIDE = frozenset({"codebook", "statuses", "history"})
"""Sheets of an export that hold no data of their own."""
NUMBERS = frozenset({"instance", "row", "form_version"})
"""Columns in which a second line of titles shows: labels aren't numbers."""


def read_sheets(
    content: bytes,
    definition: Definition,
    *,
    sites: Collection[str] | None = None,
    subjects: Collection[str] | None = None,
) -> Reading:
    """The records and every wrong cell; columns are named as spreadsheets do: ``sheet!column``."""
    reading = Reading()
    merged = Merged(definition, reading)
    used = False
    try:
        for table in tables(content, reading):
            if table.name.lower() in BESIDE or table.name.startswith("@"):
                continue
            if "subject" not in [title.lower() for title in table.header]:
                reading.warnings.append(cell_fault(1, f"{table.name}!", "sheet_without_subject"))
                continue
            used = True
            merged.take(table, sites, subjects)
    except Refused as refused:
        reading.faults += refused.faults
        return reading
    if not used:
        reading.faults.append(cell_fault(1, "subject", "column_missing"))
    reading.records = list(merged.records.values())
    return in_order(reading)


class Merged:
    def __init__(self, definition: Definition, reading: Reading) -> None:
        self.definition, self.reading = definition, reading
        self.records: dict[tuple[str, str, str, int], Record] = {}

    def take(self, table: Table, sites: Collection[str] | None, subjects: Collection[str] | None) -> None:
        rows = FlatRows(self.definition, self.reading, sites, subjects)
        rows.typed = table.typed
        lines = without_labels(table)
        titles = [title.lower() for title in table.header]
        if "row" in titles and "row" not in rows.keys:
            self.rows_of_group(rows, table, titles, lines)
            return
        for record in rows.table(table.header, lines, f"{table.name}!"):
            self.merge(record, rows)

    def rows_of_group(
        self, rows: FlatRows, table: Table, titles: list[str], lines: Iterable[tuple[int, list[str]]]
    ) -> None:
        """A table of the rows of a group: a line each, whose number is in the column ``row``."""
        at, sheet = titles.index("row"), f"{table.name}!"
        found = [self.column_in_rows(rows, title) for title in titles]
        for title, column in zip(table.header, found, strict=True):
            if column is None and title.lower() not in {"row", *IGNORED}:
                rows.fault(1, f"{sheet}{title[:80]}", "column_unknown_data", name=title[:80])
            elif column is not None and column.group:
                self.reading.asked.add(column.group)
        for number, cells in lines:
            if not WHOLE.fullmatch(cells[at]):
                rows.fault(number, f"{sheet}{table.header[at]}", "bad_instance", found=cells[at][:20])
                continue
            given = [
                (f"{sheet}{title}", replace(column, row=int(cells[at]) if column.group else 0), cell)
                for title, column, cell in zip(table.header, found, cells, strict=True)
                if column is not None
            ]
            rows.seen.clear()
            record = rows.read(number, given)
            if record is not None:
                self.merge_row(record, rows, int(cells[at]))

    def column_in_rows(self, rows: FlatRows, title: str) -> Column | None:
        column = rows.column(title)
        if column is not None and column.own:
            return column
        key, code, note = rows.parts(title)
        asked = rows.shape.asked.get(key)
        return Column("", key, asked.group, 1, code, note) if asked is not None and asked.group else None

    def merge_row(self, record: Record, rows: FlatRows, number: int) -> None:
        place = (record.subject, record.event, record.page, record.instance)
        first = self.records.setdefault(place, Record(*place[:1], record.site, *place[1:], place=record.place))  # type: ignore[arg-type]
        first.notes |= record.notes
        for group, found in record.values.items():
            lines = first.values.setdefault(group, [])
            lines += [{} for _more in range(number - len(lines))]
            if lines[number - 1]:
                row = int(record.place.removeprefix("row "))
                self.reading.faults.append(cell_fault(row, group, "row_twice", {"first": first.place}))
            lines[number - 1] = found[number - 1]
            first.places.setdefault(rows.page_of(group), record.place)

    def merge(self, record: Record, rows: FlatRows) -> None:
        place = (record.subject, record.event, record.page, record.instance)
        pages = {rows.page_of(key) for key in chain(record.values, record.notes)}
        record.places = dict.fromkeys(pages, record.place)
        first = self.records.setdefault(place, record)
        if first is record:
            return
        for key in record.values.keys() & first.values.keys():
            if record.values[key] != first.values[key]:
                title = self.reading.titles.get(key, key)
                row = int(record.place.removeprefix("row "))
                self.reading.faults.append(cell_fault(row, title, "said_otherwise", {"place": first.place}))
        first.values |= record.values
        first.notes |= record.notes
        first.places = record.places | first.places
        first.site = first.site or record.site


def without_labels(table: Table) -> Iterator[tuple[int, list[str]]]:
    """The lines, without a first one that says what the columns are called, as our own workbooks have it."""
    lines = iter(table.rows)
    first = next(lines, None)
    if first is None:
        return
    titles = [title.lower() for title in table.header]
    said = [cell for title, cell in zip(titles, first[1], strict=True) if title in NUMBERS and cell]
    if not (said and first[0] == 2 and all(not cell.isdecimal() for cell in said)):
        yield first
    yield from lines
