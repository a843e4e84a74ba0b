"""Records in the layout of Goupile's exports: a sheet per page, ``NA`` for what is missing, boxes as ``item.code``.

A line is one thread (``__tid``): its ``__hid``, or else its ``__sequence``, is the subject's number. Columns
``__event``, ``__instance`` and ``__site``, which Goupile doesn't have, are read where the form needs them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.judging import in_order
from ecrf.engine.exchange.records import Reading, Record, cell_fault
from ecrf.engine.exchange.shape import Shape
from ecrf.engine.exchange.sheets import Table, tables
from ecrf.engine.faults import Refused
from ecrf.engine.values import Unreadable, read

LONGEST_NAME = 30
"""Goupile cuts the name of a sheet there."""
MISSING = "NA"
OWN = ("__tid", "__sequence", "__hid", "__event", "__instance", "__site")
WHOLE = re.compile(r"[1-9][0-9]{0,5}")
MOST_SUBJECT = 100


def read_goupile(
    content: bytes, definition: Definition, *, subjects: Collection[str] | None = None, sites: Collection[str] | None
) -> Reading:
    """The records and every wrong cell, by sheet: ``sheet!column``."""
    reading = Reading()
    reader = GoupileRows(definition, reading, subjects, sites)
    try:
        for table in tables(content, reading):
            if not table.name.startswith("@"):
                reader.take(table)
    except Refused as refused:
        reading.faults += refused.faults
        return reading
    if not reader.used and not reading.faults:
        reading.faults.append(cell_fault(1, "__tid", "column_missing"))
    reading.records = list(reader.records.values())
    return in_order(reading)


class GoupileRows:
    def __init__(
        self,
        definition: Definition,
        reading: Reading,
        subjects: Collection[str] | None,
        sites: Collection[str] | None,
    ) -> None:
        self.definition, self.reading, self.subjects, self.sites = definition, reading, subjects, sites
        self.shape = Shape(definition)
        self.pages = {key[:LONGEST_NAME].lower(): key for key in self.shape.pages}
        self.keys = {key.lower(): key for key, asked in self.shape.asked.items() if not asked.group}
        self.records: dict[tuple[str, str, str, int], Record] = {}
        self.used = False

    def fault(self, row: int, column: str, code: str, **params: Any) -> None:
        self.reading.faults.append(cell_fault(row, column, code, params))

    def take(self, table: Table) -> None:
        sheet = f"{table.name}!"
        if not {"__hid", "__sequence"} & set(table.header):
            self.fault(1, f"{sheet}__sequence", "column_missing")
            return
        self.used = True
        page = self.pages.get(table.name[:LONGEST_NAME].lower())
        if page is None:
            self.fault(1, sheet, "unknown_page", name=table.name[:80])
            return
        columns = [self.column(title, page, sheet) for title in table.header]
        seen: dict[tuple[str, str, str, int], int] = {}
        for number, cells in table.rows:
            own = {title: cell.strip() for title, cell in zip(table.header, cells, strict=True) if title in OWN}
            record = self.record(number, sheet, own, page, seen)
            if record is not None:
                given = zip(table.header, columns, cells, strict=True)
                self.values(number, sheet, [(title, found, cell) for title, found, cell in given if found], record)

    def column(self, title: str, page: str, sheet: str) -> tuple[str, str] | None:
        """The item and the box of a column."""
        if title in OWN:
            return None
        key, code = self.keys.get(title.lower(), ""), ""
        if not key:
            name, _, last = title.rpartition(".")
            key = self.keys.get(name.lower(), "")
            code = next((one for one in self.shape.choices.get(key, ()) if one.lower() == last.lower()), "")
        boxes = bool(key) and self.shape.asked[key].spec["type"] == "choices"
        if not key or self.shape.asked[key].page != page or boxes != bool(code):
            self.fault(1, f"{sheet}{title[:80]}", "column_unknown_data", name=title[:80])
            return None
        self.reading.asked.add(key)
        self.reading.titles.setdefault(key, f"{sheet}{title}")
        return key, code

    def record(
        self, row: int, sheet: str, own: dict[str, str], page: str, seen: dict[tuple[str, str, str, int], int]
    ) -> Record | None:
        """The record of a line, which other sheets may have begun."""
        said = own.get("__hid", "")
        name = "__hid" if said not in ("", MISSING) else "__sequence"
        subject = own.get(name, "")
        if subject in ("", MISSING) or len(subject) > MOST_SUBJECT:
            self.fault(row, f"{sheet}{name}", "cell_empty")
            return None
        if self.subjects is not None and subject not in self.subjects:
            self.fault(row, f"{sheet}{name}", "unknown_subject")
            return None
        event = own.get("__event", "").replace(MISSING, "")
        if bool(event) != bool(self.shape.events) or (event and event not in self.shape.events):
            code = "no_events_here" if event and not self.shape.events else "unknown_event" if event else "cell_empty"
            self.fault(row, f"{sheet}__event", code, name=event[:80])
            return None
        if page not in self.shape.pages_at(event):
            self.fault(row, f"{sheet}__event", "page_not_at_event", name=page)
            return None
        repeats = self.shape.repeats(page, event)
        instance = own.get("__instance", "") or "1"
        if not WHOLE.fullmatch(instance):
            self.fault(row, f"{sheet}__instance", "bad_instance", found=instance[:20])
            return None
        if instance != "1" and not repeats and not self.shape.event_repeats(event):
            self.fault(row, f"{sheet}__instance", "instance_misplaced")
            return None
        place = (subject, event, page if repeats else "", int(instance))
        if place in seen:
            self.fault(row, f"{sheet}{name}", "row_twice", first=seen[place])
            return None
        seen[place] = row
        record = self.records.setdefault(place, Record(subject, "", *place[1:3], int(instance), place=f"row {row}"))
        record.places[page] = f"row {row}"
        record.site = record.site or own.get("__site", "")
        if record.site and self.sites is not None and record.site not in self.sites:
            self.fault(row, f"{sheet}__site", "unknown_site", name=record.site[:80])
        return record

    def values(self, row: int, sheet: str, cells: list[tuple[str, tuple[str, str], str]], record: Record) -> None:
        ticked: dict[str, list[str]] = {}
        for title, (key, code), cell in cells:
            text = cell.strip()
            item = self.definition.items[key]
            if text == "" or (text == MISSING and MISSING not in item.codes):
                continue
            if code:
                if text not in ("0", "1"):
                    self.fault(row, f"{sheet}{title}", "box_not_0_or_1", found=text[:20])
                    continue
                ticked.setdefault(key, []).extend([code] if text == "1" else [])
                continue
            if item.kind == "datetime" and len(text) == len("2026-01-05"):
                text += "T00:00"
            try:
                stored, _ = read(item, text)
            except Unreadable as wrong:
                self.fault(row, f"{sheet}{title}", wrong.code, **wrong.params)
                continue
            if stored is not None:
                record.values[key] = stored
        for key, codes in ticked.items():
            try:
                record.values[key] = read(self.definition.items[key], codes)[0] or []
            except Unreadable as wrong:
                self.fault(row, self.reading.titles[key], wrong.code, **wrong.params)
