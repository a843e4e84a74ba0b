"""Our flat layout in several tables: the sheets of a workbook or the files of an archive, each with the key columns.

What several sheets say of the same subject, event, page and copy is one record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.flat import FlatRows
from ecrf.engine.exchange.judging import in_order
from ecrf.engine.exchange.records import Reading, Record, cell_fault
from ecrf.engine.exchange.sheets import Table, tables
from ecrf.engine.faults import Refused

KEYS = ("subject", "event")


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
            if "subject" not in [title.lower() for title in table.header]:
                if not table.name.startswith("@"):
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
        rows.typed = True
        found: Iterable[Record] = rows.table(table.header, table.rows, f"{table.name}!")
        for record in found:
            self.merge(record, rows)

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
