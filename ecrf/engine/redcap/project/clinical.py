"""The data of a project XML as records; a wrong value is named with its line."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.judging import in_order, judge_records
from ecrf.engine.exchange.records import Attachment, Reading, Record, cell_fault
from ecrf.engine.exchange.xml import Element, children, each, local, text_of
from ecrf.engine.faults import Refused
from ecrf.engine.redcap.layout import EVENT, INSTANCE, INSTRUMENT, SITE, Layout
from ecrf.engine.redcap.project.metadata import own
from ecrf.engine.redcap.rows import Rows


def read_project_data(
    content: bytes,
    definition: Definition,
    *,
    now: datetime,
    sites: Mapping[str, str] | None = None,
    subjects: Collection[str] | None = None,
) -> Reading:
    """The records, its wrong values (`faults`) and its doubtful ones (`warnings`)."""
    reading = Reading()
    layout = Layout(definition)
    rows = Rows(layout, reading, sites=sites, subjects=subjects)
    try:
        for subject in each(with_line_breaks(content), "SubjectData"):
            for entry in entries(subject, layout, reading):
                record = entry.read(rows)
                if record is not None:
                    reading.records.append(record)
    except Refused as refused:
        reading.faults += refused.faults
        return reading
    rows.lines = {}
    judge_records(definition, reading, layout.shape.asked.keys(), now, {})
    return in_order(reading)


BREAK = "\n\ue000 "
"""A line break that was in an attribute: itself, a sign that no text has, and what XML makes of the break."""


def with_line_breaks(content: bytes) -> bytes:
    """REDCap writes line breaks as they are into attributes, where XML reads spaces: said so that they stay.

    The break stays behind its own name, so that lines keep their numbers.
    """
    return re.sub(
        rb'Value="[^"<]*"',
        lambda found: found.group().replace(b"\r\n", b"\n").replace(b"\n", b"&#10;&#xE000;\n"),
        content,
    )


class Entry:
    """The values of one entry, gathered from the forms that it holds."""

    def __init__(self, layout: Layout, reading: Reading, line: int, own: dict[str, str]) -> None:
        self.layout, self.reading, self.line = layout, reading, line
        self.cells = {
            name.lower(): (name, layout.columns[name.lower()], text)
            for name, text in own.items()
            if name.lower() in layout.columns
        }
        self.lines: dict[str, str] = {}
        self.files: dict[str, Attachment] = {}

    def take(self, item: Element) -> None:
        name = str(item.get("ItemOID", ""))
        column = self.layout.columns.get(name.lower())
        if column is None:
            self.reading.faults.append(
                cell_fault(f"line {item.line}", name[:80], "unknown_variable", {"name": name[:80]})
            )
            return
        if column.kind == "subject":
            return
        self.lines[name] = f"line {item.line}"
        self.cells[name.lower()] = (name, column, self.value(item, column.key))

    def value(self, item: Element, key: str) -> str:
        """The text of a value; of a file its name, the file apart."""
        if local(item) != "ItemDataBase64Binary":
            return str(item.get("Value", text_of(item))).replace(BREAK, "\n")
        name = own(item, "DocName") or "file"
        try:
            content = base64.b64decode(text_of(item))
        except (binascii.Error, ValueError):
            self.reading.faults.append(cell_fault(f"line {item.line}", key, "not_base64"))
            return ""
        self.files[key] = Attachment(name, own(item, "MimeType"), content)
        return name

    def read(self, rows: Rows) -> Record | None:
        rows.lines = self.lines
        record = rows.read(f"line {self.line}", self.cells)
        if record is not None:
            record.files = self.files
        return record


def entries(subject: Element, layout: Layout, reading: Reading) -> Iterator[Entry]:
    """The entries of one subject: forms that don't repeat are one per event."""
    events = [*children(subject, "StudyEventData")] or [subject]
    for event in events:
        name = own(event, "UniqueEventName") or str(event.get("StudyEventOID", "")).removeprefix("Event.")
        shared = {layout.subject: str(subject.get("SubjectKey", "")), EVENT: name}
        shared[SITE] = own(subject, "DataAccessGroup") or own(subject, "DataAccessGroupName")
        key = layout.events.get(name, "")
        single: Entry | None = None
        copies: list[Entry] = []
        for form in children(event, "FormData"):
            page = own(form, "FormName") or str(form.get("FormOID", "")).removeprefix("Form.")
            repeated = page in layout.shape.pages and layout.shape.repeats(page, key)
            number = str(form.get("FormRepeatKey", "1"))
            if repeated:
                target = Entry(layout, reading, form.line, {**shared, INSTRUMENT: page, INSTANCE: number})
                copies.append(target)
            else:
                number = str(event.get("StudyEventRepeatKey", "1")) if layout.shape.event_repeats(key) else ""
                single = single or Entry(layout, reading, form.line, {**shared, INSTANCE: number})
                target = single
            for item in items(form):
                target.take(item)
        if single is not None:
            yield single
        yield from copies


def items(form: Element) -> Iterator[Element]:
    for group in children(form, "ItemGroupData"):
        yield from (one for one in children(group) if local(one).startswith("ItemData"))
