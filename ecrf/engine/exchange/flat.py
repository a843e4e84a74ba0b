"""Records in our own flat layout: subject, event, page and instance, then the items; every wrong cell is named.

Boxes are ``item___code`` of 0 and 1, rows of a repeating group ``group[1].item``, statuses ``item.status`` and
``item.comment``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.judging import in_order, judge_records
from ecrf.engine.exchange.records import Reading, Record, cell_fault
from ecrf.engine.exchange.shape import Shape
from ecrf.engine.exchange.table import read_table
from ecrf.engine.faults import Refused
from ecrf.engine.values import Unreadable, read

OWN = ("subject", "site", "event", "page", "instance")
IGNORED = frozenset({"form_version", "complete", "saved_at", "entry"})
"""What an export says besides, and no import needs."""
ROW = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,99})\[([1-9][0-9]{0,3})\]\.(.{1,300})")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a text begins that a spreadsheet would run, also in full width."""
WHOLE = re.compile(r"[1-9][0-9]{0,5}")
STATUSES = ("wait", "check", "nsp", "na", "nd")


@dataclass(frozen=True)
class Column:
    """`own` is one of the first columns; else an item, in which row of which group, a box or a note of it."""

    own: str = ""
    key: str = ""
    group: str = ""
    row: int = 0
    code: str = ""
    note: str = ""


Cell = tuple[str, Column, str]


def read_flat(
    content: bytes | str,
    definition: Definition,
    *,
    now: datetime,
    sites: Collection[str] | None = None,
    subjects: Collection[str] | None = None,
    judged: bool = True,
) -> Reading:
    """The records of a file, its wrong cells (`faults`) and its doubtful ones (`warnings`).

    `sites` and `subjects` are those that exist: without them any will do. Not `judged`, no record is evaluated.
    """
    reading = Reading()
    rows = FlatRows(definition, reading, sites, subjects)
    try:
        header, lines = read_table(content, reading)
    except Refused as refused:
        reading.faults += refused.faults
        return reading
    reading.records += rows.table(header, lines)
    if judged and reading.titles:
        judge_records(definition, reading, reading.asked | rows.named_by_subject(), now, reading.titles)
    return in_order(reading)


class FlatRows:
    def __init__(
        self,
        definition: Definition,
        reading: Reading,
        sites: Collection[str] | None,
        subjects: Collection[str] | None,
    ) -> None:
        self.definition, self.shape, self.reading = definition, Shape(definition), reading
        self.sites, self.subjects = sites, subjects
        self.keys = {key.lower(): key for key in self.shape.asked}
        self.groups = {asked.group.lower(): asked.group for asked in self.shape.asked.values() if asked.group}
        self.seen: dict[tuple[str, str, str, int], int] = {}
        self.typed = False
        """Whether the cells had types, as those of a spreadsheet have."""

    def fault(self, row: int, title: str, code: str, **params: Any) -> None:
        self.reading.faults.append(cell_fault(row, title, code, params))

    def named_by_subject(self) -> set[str]:
        return {key for key, asked in self.shape.asked.items() if asked.spec.get("calc") == ["subject"]}

    def page_of(self, key: str) -> str:
        """The page of an item, or of the items of a group."""
        if key in self.shape.asked:
            return self.shape.asked[key].page
        return next((one.page for one in self.shape.asked.values() if one.group == key), "")

    def table(self, header: list[str], lines: Iterable[tuple[int, list[str]]], sheet: str = "") -> Iterator[Record]:
        """The records of one table; no row is read where a column that all need is missing."""
        columns = self.columns(header, sheet)
        if columns is None:
            return
        titles = [f"{sheet}{title}" for title in header]
        for title, column in zip(titles, columns, strict=True):
            if column is None or not column.key:
                continue
            self.reading.asked.add(column.group or column.key)
            if not column.note:
                place = f"{column.group}[{column.row - 1}].{column.key}" if column.group else column.key
                self.reading.titles.setdefault(place, title)
        known = [(at, title, column) for at, (title, column) in enumerate(zip(titles, columns, strict=True)) if column]
        for number, cells in lines:
            record = self.read(number, [(title, column, cells[at].strip()) for at, title, column in known])
            if record is not None:
                yield record

    def columns(self, header: list[str], sheet: str = "") -> list[Column | None] | None:
        """What each column holds; nothing where no row can be read."""
        found = [self.column(title) for title in header]
        seen: set[Column] = set()
        for title, column in zip(header, found, strict=True):
            if column is None and title.lower() not in IGNORED:
                self.fault(1, f"{sheet}{title[:80]}", "column_unknown_data", name=title[:80])
            elif column is not None and column in seen:
                self.fault(1, f"{sheet}{title[:80]}", "column_twice")
            if column is not None:
                seen.add(column)
        wanted = ["subject", *(["event"] if self.shape.events else [])]
        missing = [name for name in wanted if Column(own=name) not in seen]
        for name in missing:
            self.fault(1, f"{sheet}{name}", "column_missing")
        return None if missing else found

    def column(self, title: str) -> Column | None:
        """An item called like one of the first columns has ``_item`` behind its name, as exports write it."""
        if title.lower() in OWN:
            return Column(own=title.lower())
        if title.lower().removesuffix("_item") in OWN and title.lower() not in self.keys:
            title = title[: -len("_item")]
        match = ROW.fullmatch(title)
        group = self.groups.get(match[1].lower(), "") if match else ""
        if match and not group:
            return None
        key, code, note = self.parts((match[3] if match else title).lower())
        asked = self.shape.asked.get(key)
        boxes = asked is not None and asked.spec["type"] == "choices"
        if asked is None or asked.group != group or (note and group) or bool(code) != (boxes and not note):
            return None
        return Column("", key, group, int(match[2]) if match else 0, code, note)

    def parts(self, name: str) -> tuple[str, str, str]:
        """The item, the choice and the kind of note that a name in small letters means."""
        if name in self.keys:
            return self.keys[name], "", ""
        before, _, note = name.rpartition(".")
        if before in self.keys and note in ("status", "comment"):
            return self.keys[before], "", note
        place = name.find("___")
        while place >= 0:
            key = self.keys.get(name[:place], "")
            codes = (code for code in self.shape.choices.get(key, {}) if code.lower() == name[place + 3 :])
            if code := next(codes, ""):
                return key, code, ""
            place = name.find("___", place + 1)
        return "", "", ""

    def read(self, row: int, cells: list[Cell]) -> Record | None:
        own = {column.own: (title, text) for title, column, text in cells if column.own}
        subject, event = self.subject(row, own), self.event(row, own)
        page, instance = (None, None) if event is None else self.copy(row, own, event)
        record = Record(subject or "", place=f"row {row}")
        title, record.site = own.get("site", ("site", ""))
        if record.site and self.sites is not None and record.site not in self.sites:
            self.fault(row, title, "unknown_site", name=record.site[:80])
        rows: dict[str, dict[int, dict[str, Any]]] = {}
        boxes: dict[tuple[str, str, int], list[Cell]] = {}
        for title, column, text in cells:
            if column.own or not text:
                continue
            if not self.typed and text.startswith("'") and text[1:].lstrip().startswith(FORMULA):
                text = text[1:]  # an export put it there, lest a spreadsheet run what somebody wrote
            asked = self.shape.asked[column.key]
            if event is not None and page is not None and (wrong := self.misplaced(asked.page, event, page)):
                self.fault(row, title, wrong, name=asked.page)
            elif column.note:
                self.note(row, title, column, text, record)
            elif column.code:
                boxes.setdefault((column.key, column.group, column.row), []).append((title, column, text))
            else:
                target = rows.setdefault(column.group, {}).setdefault(column.row, {}) if column.group else record.values
                self.value(row, title, column, text, target, record)
        for (key, group, number), found in boxes.items():
            target = rows.setdefault(group, {}).setdefault(number, {}) if group else record.values
            self.boxes(row, key, found, target)
        for group, found_rows in rows.items():
            record.values[group] = [found_rows.get(number, {}) for number in range(1, max(found_rows) + 1)]
        if not subject or event is None or page is None or instance is None:
            return None
        record.event, record.page, record.instance = event, page, instance
        place = (subject, event, page, instance)
        if place in self.seen:
            self.fault(row, own["subject"][0], "row_twice", first=self.seen[place])
            return None
        self.seen[place] = row
        return record

    def subject(self, row: int, own: Mapping[str, tuple[str, str]]) -> str | None:
        title, text = own["subject"]
        if not text or len(text) > 100:
            self.fault(row, title, "bad_subject" if text else "cell_empty", limit=100)
            return None
        if self.subjects is not None and text not in self.subjects:
            self.fault(row, title, "unknown_subject")
            return None
        return text

    def event(self, row: int, own: Mapping[str, tuple[str, str]]) -> str | None:
        title, text = own.get("event", ("event", ""))
        if not self.shape.events:
            if text:
                self.fault(row, title, "no_events_here")
                return None
            return ""
        found = next((key for key in self.shape.events if key.lower() == text.lower()), None)
        if found is None:
            self.fault(row, title, "unknown_event" if text else "cell_empty", name=text[:80])
        return found

    def copy(self, row: int, own: Mapping[str, tuple[str, str]], event: str) -> tuple[str | None, int | None]:
        title, name = own.get("page", ("page", ""))
        number_title, number = own.get("instance", ("instance", ""))
        page: str | None = ""
        if name:
            page = next((key for key in self.shape.pages if key.lower() == name.lower()), None)
            wrong = (
                "unknown_page" if page is None else "" if page in self.shape.pages_at(event) else "page_not_at_event"
            )
            if page is not None and not wrong and not self.shape.repeats(page, event):
                wrong = "page_repeats_not"
            if wrong:
                self.fault(row, title, wrong, name=name[:80])
                return None, None
        if not name and not self.shape.event_repeats(event):
            if number not in ("", "1"):
                self.fault(row, number_title, "instance_misplaced")
            return page, 1
        if not WHOLE.fullmatch(number):
            self.fault(row, number_title, "bad_instance" if number else "cell_empty", found=number[:20])
            return page, None
        return page, int(number)

    def misplaced(self, asked: str, event: str, page: str) -> str:
        if asked not in self.shape.pages_at(event):
            return "page_not_at_event"
        if page:
            return "" if asked == page else "not_of_this_page"
        return "page_repeats" if self.shape.repeats(asked, event) else ""

    def value(self, row: int, title: str, column: Column, text: str, target: dict[str, Any], record: Record) -> None:
        item = self.definition.items[column.key]
        missing = text in self.shape.missing_codes and text not in self.shape.choices.get(column.key, {})
        if missing and not column.group and item.spec.get("annotate") is not False:
            record.notes.setdefault(column.key, {})["status"] = text
            return
        if self.typed and item.kind == "datetime" and DAY.fullmatch(text):
            text += "T00:00"  # a spreadsheet keeps no midnight
        try:
            stored, _ = read(item, text)
        except Unreadable as wrong:
            self.fault(row, title, wrong.code, **wrong.params)
            return
        if stored is not None:
            target[column.key] = stored

    def boxes(self, row: int, key: str, found: list[Cell], target: dict[str, Any]) -> None:
        wrong = [(title, text) for title, _, text in found if text not in ("0", "1")]
        for title, text in wrong:
            self.fault(row, title, "box_not_0_or_1", found=text[:20])
        ticked = [(title, column.code) for title, column, text in found if text == "1"]
        if wrong:
            return
        try:
            stored, _ = read(self.definition.items[key], [code for _, code in ticked])
        except Unreadable as refused:
            self.fault(row, ticked[0][0], refused.code, **refused.params)
            return
        target[key] = stored or []

    def note(self, row: int, title: str, column: Column, text: str, record: Record) -> None:
        if column.note == "status" and text not in STATUSES and text not in self.shape.missing_codes:
            self.fault(row, title, "unknown_status", found=text[:40])
        elif self.shape.asked[column.key].spec.get("annotate") is False:
            self.fault(row, title, "not_annotated")
        else:
            place = f"{column.group}[{column.row - 1}].{column.key}" if column.group else column.key
            record.notes.setdefault(place, {})[column.note] = text
