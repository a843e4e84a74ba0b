"""One row of REDCap's flat data becomes a record; each wrong cell is named."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ecrf.engine.exchange.records import Reading, Record, cell_fault
from ecrf.engine.redcap.flat_columns import EVENT, INSTANCE, INSTRUMENT, SITE, STATUSES, Column, has_comma
from ecrf.engine.redcap.layout import Layout
from ecrf.engine.values import Unreadable, read

BAD_SUBJECT = re.compile(r"[\x00-\x1f\x7f\"'&+#]")
MAX_SUBJECT = 100
WHOLE = re.compile(r"[1-9][0-9]{0,5}")

Cells = Mapping[str, tuple[str, Column, str]]
"""Name of a column in small letters -> as the file writes it, what it is, the text."""


class Rows:
    """Reads the rows of one file in their order. `sites` gives the site of each group, any where it is None."""

    def __init__(
        self,
        layout: Layout,
        reading: Reading,
        *,
        sites: Mapping[str, str] | None,
        subjects: Collection[str] | None,
    ) -> None:
        self.layout, self.shape, self.reading = layout, layout.shape, reading
        self.sites, self.subjects = sites, subjects
        self.seen: dict[tuple[str, str, str, int], int | str] = {}
        self.lines: Mapping[str, str] = {}
        """Where each cell of the present row stands, in a file that has no rows."""

    def fault(self, row: int | str, column: str, code: str, **params: Any) -> None:
        self.reading.faults.append(cell_fault(self.lines.get(column, row), column, code, params))

    def read(self, row: int | str, cells: Cells) -> Record | None:
        """The record, if the row says whose it is."""
        subject = self.subject(row, cells)
        event = self.event(row, cells)
        page, instance = (None, None) if event is None else self.repeat(row, cells, event)
        record = Record(subject or "", place=f"row {row}" if isinstance(row, int) else row)
        record.site = self.site(row, cells)
        boxes: dict[str, list[tuple[str, Column, str]]] = {}
        for title, column, raw in cells.values():
            text = raw.strip()
            if column.kind in ("subject", "own", "ignored") or text == "":
                continue
            if event is not None and page is not None and (wrong := self.misplaced(column, event, page)):
                if not (text == "0" and column.kind in ("box", "missing_box")):
                    self.fault(row, title, wrong, name=column.key)
            elif column.kind == "status":
                self.status(row, title, column, text, record)
            elif column.kind in ("box", "missing_box"):
                boxes.setdefault(column.key, []).append((title, column, text))
            else:
                self.item(row, title, column, text, record)
                if column.key in record.values and self.layout.spell(column.key, record.values[column.key]) != raw:
                    record.spelt[column.key] = raw
        for key, found in boxes.items():
            self.boxes(row, key, found, record)
        if not subject or event is None or page is None or instance is None:
            return None
        record.event, record.page, record.instance = event, page, instance
        place = (subject, event, page, instance)
        if place in self.seen:
            self.fault(row, cells[self.layout.subject.lower()][0], "row_twice", first=self.seen[place])
            return None
        self.seen[place] = row
        return record

    def subject(self, row: int | str, cells: Cells) -> str | None:
        title, text = own(cells, self.layout.subject.lower())
        if not text:
            self.fault(row, title, "cell_empty")
        elif len(text) > MAX_SUBJECT or BAD_SUBJECT.search(text):
            self.fault(row, title, "bad_subject", limit=MAX_SUBJECT)
        elif self.subjects is not None and text not in self.subjects:
            self.fault(row, title, "unknown_subject")
        else:
            return text
        return None

    def event(self, row: int | str, cells: Cells) -> str | None:
        title, text = own(cells, EVENT)
        if not self.shape.events:
            if text:
                self.fault(row, title, "no_events_here")
                return None
            return ""
        found = self.layout.events.get(text)
        if found is None:
            self.fault(row, title, "unknown_event" if text else "cell_empty", name=text[:80])
        return found

    def repeat(self, row: int | str, cells: Cells, event: str) -> tuple[str | None, int | None]:
        """The repeating page and the number of the copy; the page is None where it is wrong."""
        title, name = own(cells, INSTRUMENT)
        number_title, number = own(cells, INSTANCE)
        page: str | None = ""
        if name:
            page = next((key for key in self.shape.pages if key.lower() == name.lower()), None)
            if page is None:
                self.fault(row, title, "unknown_page", name=name[:80])
            elif page not in self.shape.pages_at(event):
                self.fault(row, title, "page_not_at_event", name=page)
                page = None
            elif not self.shape.repeats(page, event):
                self.fault(row, title, "page_repeats_not", name=page)
                page = None
        repeated = bool(name) or self.shape.event_repeats(event)
        if not repeated:
            if number and (number != "1" or not self.shape.anything_repeats):
                self.fault(row, number_title, "instance_misplaced")
            return page, 1
        if not WHOLE.fullmatch(number):
            self.fault(row, number_title, "bad_instance" if number else "cell_empty", found=number[:20])
            return page, None
        return page, int(number)

    def misplaced(self, column: Column, event: str, page: str) -> str:
        """Why this row can't have a value in this column."""
        if column.page not in self.shape.pages_at(event):
            return "page_not_at_event"
        if page:
            return "" if column.page == page else "not_of_this_page"
        return "page_repeats" if self.shape.repeats(column.page, event) else ""

    def site(self, row: int | str, cells: Cells) -> str:
        title, text = own(cells, SITE)
        if not text or self.sites is None:
            return text
        if text not in self.sites:
            self.fault(row, title, "unknown_site", name=text[:80])
        return self.sites.get(text, "")

    def status(self, row: int | str, title: str, column: Column, text: str, record: Record) -> None:
        if text in ("0", "1", "2"):
            record.pages[column.page] = STATUSES[int(text)]  # type: ignore[assignment]
        else:
            self.fault(row, title, "bad_status", found=text[:20])

    def item(self, row: int | str, title: str, column: Column, text: str, record: Record) -> None:
        item = self.layout.definition.items[column.key]
        codes = self.shape.choices.get(column.key, {})
        if text in self.shape.missing_codes and text not in codes and item.spec.get("annotate") is not False:
            record.notes[column.key] = {"status": text}
            return
        if item.kind in ("integer", "decimal") and "," in text and not has_comma(item.spec):
            self.fault(row, title, "not_whole" if item.kind == "integer" else "not_number")
            return
        try:
            stored, _ = read(item, text)
        except Unreadable as wrong:
            self.fault(row, title, wrong.code, **wrong.params)
            return
        if stored is not None:
            record.values[column.key] = stored

    def boxes(self, row: int | str, key: str, found: Sequence[tuple[str, Column, str]], record: Record) -> None:
        ticked: list[tuple[str, str]] = []
        wrong = False
        for title, column, text in found:
            if text not in ("0", "1"):
                self.fault(row, title, "box_not_0_or_1", found=text[:20])
                wrong = True
            elif text == "1" and column.kind == "missing_box":
                record.notes[key] = {"status": column.code}
            elif text == "1":
                ticked.append((title, column.code))
        if wrong or (not ticked and not any(column.kind == "box" for _, column, _ in found)):
            return
        try:
            stored, _ = read(self.layout.definition.items[key], [code for _, code in ticked])
        except Unreadable as refused:
            self.fault(row, ticked[0][0], refused.code, **refused.params)
            return
        record.values[key] = stored or []


def own(cells: Cells, name: str) -> tuple[str, str]:
    """A column of REDCap's own as the file writes it, and what it says."""
    title, _, text = cells.get(name, (name, None, ""))
    return title, text.strip()
