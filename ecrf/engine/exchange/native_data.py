"""Records as JSON, as the suite itself says them: an object with ``records``, each with its place and its values.

``{"records": [{"subject": "BRO-001", "site": "BRO", "event": "inclusion", "page": "", "instance": 1,
"values": {"weight": "80", "race": ["1"], "drug": [{"name": "A"}]}, "notes": {"lactate": {"status": "na"}},
"complete": {"exam": true}}]}``. A value that is null is emptied; one that isn't named stays.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.records import Reading, Record, cell_fault
from ecrf.engine.exchange.shape import Shape
from ecrf.engine.faults import Fault
from ecrf.engine.values import Unreadable, read

KNOWN = frozenset({"subject", "site", "event", "page", "instance", "values", "notes", "complete"})
MOST_ROWS = 1000
MOST_SUBJECT = 100
LARGEST = 999_999


def read_native(
    content: bytes,
    definition: Definition,
    *,
    sites: Collection[str] | None = None,
    subjects: Collection[str] | None = None,
) -> Reading:
    """The records and every wrong value: the row is the number of the record, counted from 1."""
    reading = Reading()
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        detail = " ".join(str(error).split())[:200]
        reading.faults.append(Fault("file", "not_json", {"row": 0, "column": "", "detail": detail}))
        return reading
    found = data.get("records") if isinstance(data, Mapping) else None
    if not isinstance(found, list):
        reading.faults.append(Fault("file", "wanted_list", {"row": 0, "column": "records"}))
        return reading
    reader = NativeRecords(definition, reading, sites, subjects)
    reading.records = [
        record for number, one in enumerate(found, start=1) if (record := reader.record(number, one)) is not None
    ]
    return reading


class NativeRecords:
    def __init__(
        self,
        definition: Definition,
        reading: Reading,
        sites: Collection[str] | None,
        subjects: Collection[str] | None,
    ) -> None:
        self.definition, self.reading, self.sites, self.subjects = definition, reading, sites, subjects
        self.shape = Shape(definition)
        self.seen: dict[tuple[str, str, str, int], int] = {}

    def refuse(self, row: int, column: str, code: str, **params: Any) -> None:
        self.reading.faults.append(cell_fault(row, column[:80], code, params))

    def record(self, row: int, one: Any) -> Record | None:
        if not isinstance(one, Mapping):
            self.refuse(row, "", "wanted_map")
            return None
        for name in one.keys() - KNOWN:
            self.refuse(row, str(name), "column_unknown_data", name=str(name)[:80])
        texts = {name: one.get(name) or "" for name in ("subject", "site", "event", "page")}
        wrong = [name for name, text in texts.items() if not isinstance(text, str)]
        for name in wrong:
            self.refuse(row, name, "wanted_text")
        if wrong:
            return None
        record = Record(texts["subject"].strip(), texts["site"], texts["event"], texts["page"])
        record.place, record.instance = f"row {row}", one.get("instance", 1)
        if not self.is_placed(row, record):
            return None
        self.values(row, one.get("values") or {}, record)
        self.about(row, one, record)
        return record

    def is_placed(self, row: int, record: Record) -> bool:
        if record.site and self.sites is not None and record.site not in self.sites:
            self.refuse(row, "site", "unknown_site", name=record.site[:80])
        before = len(self.reading.faults)
        if not record.subject or len(record.subject) > MOST_SUBJECT:
            self.refuse(row, "subject", "bad_subject" if record.subject else "cell_empty", limit=MOST_SUBJECT)
        elif self.subjects is not None and record.subject not in self.subjects:
            self.refuse(row, "subject", "unknown_subject")
        if record.event and not self.shape.events:
            self.refuse(row, "event", "no_events_here")
        elif self.shape.events and record.event not in self.shape.events:
            self.refuse(row, "event", "unknown_event" if record.event else "cell_empty", name=record.event[:80])
        elif record.page and record.page not in self.shape.pages:
            self.refuse(row, "page", "unknown_page", name=record.page[:80])
        elif record.page and record.page not in self.shape.pages_at(record.event):
            self.refuse(row, "page", "page_not_at_event", name=record.page)
        elif record.page and not self.shape.repeats(record.page, record.event):
            self.refuse(row, "page", "page_repeats_not", name=record.page)
        if type(record.instance) is not int or not 1 <= record.instance <= LARGEST:
            self.refuse(row, "instance", "bad_instance", found=str(record.instance)[:20])
        elif record.instance > 1 and not record.page and not self.shape.event_repeats(record.event):
            self.refuse(row, "instance", "instance_misplaced")
        place = (record.subject, record.event, record.page, record.instance)
        if len(self.reading.faults) == before and self.seen.setdefault(place, row) != row:
            self.refuse(row, "subject", "row_twice", first=self.seen[place])
        return len(self.reading.faults) == before

    def values(self, row: int, given: Any, record: Record) -> None:
        if not isinstance(given, Mapping):
            self.refuse(row, "values", "wanted_map")
            return
        groups = {asked.group: asked.page for asked in self.shape.asked.values() if asked.group}
        for key, raw in given.items():
            if key in groups:
                if self.is_here(row, key, groups[key], record):
                    record.values[key] = self.rows(row, key, raw)
            elif key not in self.shape.asked or self.shape.asked[key].group:
                self.refuse(row, str(key), "unknown_variable", name=str(key)[:80])
            elif self.is_here(row, key, self.shape.asked[key].page, record):
                self.value(row, key, key, raw, record.values)

    def is_here(self, row: int, key: str, page: str, record: Record) -> bool:
        code = ""
        if page not in self.shape.pages_at(record.event):
            code = "page_not_at_event"
        elif record.page and record.page != page:
            code = "not_of_this_page"
        elif not record.page and self.shape.repeats(page, record.event):
            code = "page_repeats"
        if code:
            self.refuse(row, key, code, name=page)
        return not code

    def value(self, row: int, column: str, key: str, raw: Any, target: dict[str, Any]) -> None:
        try:
            target[key] = read(self.definition.items[key], raw)[0]
        except Unreadable as wrong:
            self.refuse(row, column, wrong.code, **wrong.params)

    def rows(self, row: int, key: str, raw: Any) -> list[dict[str, Any]]:
        lines = raw if raw is not None else []
        if not isinstance(lines, list) or not all(isinstance(line, Mapping) for line in lines):
            self.refuse(row, key, "not_rows")
            return []
        if len(lines) > MOST_ROWS:
            self.refuse(row, key, "too_many_rows", limit=MOST_ROWS)
            return []
        found: list[dict[str, Any]] = []
        for number, line in enumerate(lines):
            found.append({})
            for name, cell in line.items():
                asked = self.shape.asked.get(name)
                column = f"{key}[{number}].{name}"
                if asked is None or asked.group != key:
                    self.refuse(row, column, "unknown_variable", name=str(name)[:80])
                else:
                    self.value(row, column, name, cell, found[-1])
        return found

    def about(self, row: int, one: Mapping[str, Any], record: Record) -> None:
        """What stands beside the values: notes, and which pages are complete."""
        notes, complete = one.get("notes") or {}, one.get("complete") or {}
        if not isinstance(notes, Mapping) or not all(isinstance(note, Mapping) for note in notes.values()):
            self.refuse(row, "notes", "wanted_map")
        else:
            for key, note in notes.items():
                said = {name: str(note[name]) for name in ("status", "comment") if note.get(name)}
                record.notes[str(key)] = said
        if not isinstance(complete, Mapping) or not all(isinstance(flag, bool) for flag in complete.values()):
            self.refuse(row, "complete", "wanted_map")
            return
        for page, flag in complete.items():
            if page in self.shape.pages:
                record.pages[page] = "complete" if flag else "incomplete"
            else:
                self.refuse(row, "complete", "unknown_page", name=str(page)[:80])
