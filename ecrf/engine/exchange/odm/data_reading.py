"""ODM's ClinicalData as records, a subject at a time; a wrong value is named with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.judging import in_order, judge_records
from ecrf.engine.exchange.odm.places import Places
from ecrf.engine.exchange.odm.writing import LOCK_LIST, PAGE_LIST, STATUS_LIST
from ecrf.engine.exchange.records import Change, Reading, Record, Signature, cell_fault
from ecrf.engine.exchange.xml import Element, child, children, each, local, text_of
from ecrf.engine.faults import Refused
from ecrf.engine.values import Unreadable, read

MOMENT = re.compile(
    r"(?P<moment>(?:[0-9-]{10}T)?[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
TRUE = {"true": "1", "false": "0"}


@dataclass
class Given:
    """What the file says of one item, in the order of the file."""

    value: Any = None
    changes: list[Change] = field(default_factory=list)
    note: dict[str, Any] = field(default_factory=dict)


class DataReader:
    def __init__(self, places: Places, reading: Reading) -> None:
        self.places, self.shape, self.reading = places, places.shape, reading
        self.records: dict[tuple[str, str, int], Record] = {}
        self.numbers: dict[tuple[str, ...], int] = {}
        self.counts: dict[tuple[str, ...], int] = {}

    def fault(self, line: int, column: str, code: str, **params: Any) -> None:
        self.reading.faults.append(cell_fault(f"line {line}", column, code, params))

    def subject(self, element: Element) -> Iterator[Record]:
        """The records of one subject. Keys that are no numbers are counted in their order."""
        self.records, self.numbers, self.counts = {}, {}, {}
        name = element.get("SubjectKey", "")
        if not name:
            self.fault(element.line, "SubjectData", "cell_empty")
            return
        site_ref = child(element, "SiteRef")
        self.name, self.site = name, site_ref.get("LocationOID", "") if site_ref is not None else ""
        for event in children(element, "StudyEventData"):
            oid = event.get("StudyEventOID", "")
            key = self.places.event_keys.get(oid)
            if key is None:
                self.fault(event.line, "StudyEventData", "unknown_event", name=oid[:80])
                continue
            visit = self.number(event.get("StudyEventRepeatKey", "1"), "event", key)
            for form in children(event, "FormData", "ItemGroupData"):
                self.form(form, key, visit)
            self.whole(event, key, visit)
        yield from self.records.values()

    def number(self, text: str, *place: str) -> int:
        """The number of a repeat key; other keys are numbered as they come."""
        if text.isdecimal() and int(text[:6]) > 0 and len(text) <= 6:
            return int(text)
        known = (*place, text)
        if known not in self.numbers:
            self.numbers[known] = self.counts[place] = self.counts.get(place, 0) + 1
        return self.numbers[known]

    def record(self, line: int, event: str, page: str, instance: int) -> Record:
        key = (event, page, instance)
        if key not in self.records:
            site = self.site
            self.records[key] = Record(self.name, site, event, page, instance, place=f"line {line}")
        return self.records[key]

    def form(self, form: Element, event: str, visit: int) -> None:
        oid = form.get("FormOID") or form.get("ItemGroupOID", "")
        page = self.places.page_keys.get(oid)
        if page is None or page not in self.shape.pages_at(event):
            self.fault(form.line, "FormData", "unknown_page" if page is None else "page_not_at_event", name=oid[:80])
            return
        repeats = self.shape.repeats(page, event)
        text = form.get("FormRepeatKey") or form.get("ItemGroupRepeatKey") or "1"
        number = self.number(text, "form", event, page)
        if repeats and visit > 1:  # a copy of a repeating page at a repeated event: they are counted together
            taken = [instance for at, of, instance in self.records if (at, of) == (event, page)]
            number = self.numbers.setdefault(("copy", event, page, f"{visit}.{text}"), 1 + max(taken, default=0))
            self.reading.warnings.append(cell_fault(f"line {form.line}", "FormData", "two_repeats", {"name": page}))
        if not repeats and number > 1:
            self.fault(form.line, "FormData", "page_repeats_not", name=page)
            return
        event_number = visit if self.shape.event_repeats(event) else 1
        record = self.record(form.line, event, page if repeats else "", number if repeats else event_number)
        record.places.setdefault(page, f"line {form.line}")
        for group in children(form, "ItemGroupData"):
            self.group(group, page, record)
        self.about_form(form, page, record)

    def group(self, group: Element, page: str, record: Record) -> None:
        oid = group.get("ItemGroupOID", "")
        asked = self.places.groups[page].get(oid)
        inner = list(children(group, "ItemGroupData"))
        if asked is None and not inner:
            self.fault(group.line, "ItemGroupData", "unknown_group", name=oid[:80])
            return
        for one in inner:
            self.group(one, page, record)
        given: dict[str, Given] = {}
        for item in children(group):
            if local(item).startswith("ItemData"):
                self.item(item, page, oid, given, record)
        repeat = asked[0].group if asked else ""
        target = record.values
        if repeat:
            target = {}
            record.values.setdefault(repeat, []).append(target)
        for key, found in given.items():
            if found.value is not None:
                target[key] = found.value
            if found.note and not repeat:
                record.notes[key] = found.note
            record.audit += [] if repeat else found.changes

    def item(self, item: Element, page: str, group: str, given: dict[str, Given], record: Record) -> None:
        oid = item.get("ItemOID", "")
        place = self.places.items.get((page, group, oid))
        if place is None:
            self.fault(item.line, oid[:80], "unknown_variable", name=oid[:80])
            return
        key, code = place
        found = given.setdefault(key, Given())
        value = self.value(item, key, code, found.value)
        found.value = value
        audit = child(item, "AuditRecord")
        if audit is not None:
            change = change_of(audit, key, value)
            if code and found.changes and same_act(found.changes[-1], change):
                found.changes[-1] = change  # the boxes of one item are changed together
            else:
                found.changes.append(change)
        found.note = note_of(item) or found.note

    def value(self, item: Element, key: str, code: str, before: Any) -> Any:
        """The stored value; null where the file says so or where it can't be."""
        spec = self.shape.asked[key].spec
        removed = item.get("TransactionType") == "Remove" or item.get("IsNull") == "Yes"
        texts = [text_of(one) for one in children(item, "Value")]
        if not texts and item.get("Value") is not None:
            texts = [item.get("Value")]
        elif not texts and local(item) != "ItemData":
            texts = [text_of(item)]
        if code:
            ticked = [one for one in before or () if one != code]
            if removed or not texts or texts[0] == "":
                return before
            if texts[0] not in ("0", "1", "true", "false"):
                self.fault(item.line, item.get("ItemOID", ""), "box_not_0_or_1", found=texts[0][:20])
                return before
            return [*ticked, code] if TRUE.get(texts[0], texts[0]) == "1" else ticked
        if removed or not any(texts):
            return [] if spec["type"] == "choices" and not removed and not texts else None
        own = [self.own(key, spec, text) for text in texts]
        try:
            stored, _ = read(self.places.shape.definition.items[key], own if spec["type"] == "choices" else own[0])
        except Unreadable as wrong:
            self.fault(item.line, item.get("ItemOID", ""), wrong.code, **wrong.params)
            return None
        return stored

    def own(self, key: str, spec: Any, text: str) -> str:
        """A value as we write it: codes of ours, moments without zone."""
        if spec["type"] in ("datetime", "time") and (found := MOMENT.fullmatch(text.strip())):
            return found["moment"]
        if spec["type"] == "choice" and text in TRUE and text not in self.shape.choices[key]:
            return TRUE[text]
        return self.places.own_codes.get(key, {}).get(text, text)

    def about_form(self, form: Element, page: str, record: Record) -> None:
        for annotation in children(form, "Annotation"):
            for text, oid in flags(annotation):
                if oid == PAGE_LIST and text in ("incomplete", "unverified", "complete"):
                    record.pages[page] = text  # type: ignore[assignment]
        signature = child(form, "Signature")
        if signature is not None:
            oid = attribute(signature, "SignatureRef", "SignatureOID").removeprefix("SD.")
            sign = self.shape.definition.text(self.shape.pages[page].get("sign"), "") or oid
            user, site = attribute(signature, "UserRef", "UserOID"), attribute(signature, "LocationRef", "LocationOID")
            record.signatures.append(Signature(page, user, site, text_of(child(signature, "DateTimeStamp")), sign))
        audit = child(form, "AuditRecord")
        if audit is not None and record.page:
            record.audit.append(change_of(audit, "", None))

    def whole(self, event: Element, key: str, visit: int) -> None:
        audit = child(event, "AuditRecord")
        record = self.records.get((key, "", visit if self.shape.event_repeats(key) else 1))
        if audit is not None and record is not None:
            record.audit.append(change_of(audit, "", None))


def same_act(one: Change, other: Change) -> bool:
    return (one.user, one.site, one.at, one.reason) == (other.user, other.site, other.at, other.reason)


def attribute(element: Element, name: str, attribute: str) -> str:
    found = child(element, name)
    return str(found.get(attribute, "")) if found is not None else ""


def change_of(audit: Element, key: str, value: Any) -> Change:
    user, site = attribute(audit, "UserRef", "UserOID"), attribute(audit, "LocationRef", "LocationOID")
    moment, reason = text_of(child(audit, "DateTimeStamp")), text_of(child(audit, "ReasonForChange"))
    return Change(key, value, user, site, moment, reason)


def flags(annotation: Element) -> Iterator[tuple[str, str]]:
    for flag in children(annotation, "Flag"):
        value = child(flag, "FlagValue")
        if value is not None:
            yield text_of(value), value.get("CodeListOID", "")


def note_of(item: Element) -> dict[str, Any]:
    note: dict[str, Any] = {}
    for annotation in children(item, "Annotation"):
        if comment := text_of(child(annotation, "Comment")):
            note["comment"] = comment
        for text, oid in flags(annotation):
            if oid == STATUS_LIST:
                note["status"] = text
            elif oid == LOCK_LIST and text == "locked":
                note["locked"] = True
    return note


def read_subjects(content: bytes, places: Places, reading: Reading) -> Iterator[Record]:
    """Each record as its subject was read; faults and warnings go to `reading`."""
    reader = DataReader(places, reading)
    try:
        for subject in each(content, "SubjectData"):
            yield from reader.subject(subject)
    except Refused as refused:
        reading.faults += refused.faults


def read_all(content: bytes, definition: Definition, places: Places, now: datetime, *, judged: bool) -> Reading:
    """All records and, where they are `judged`, what the form finds in them."""
    reading = Reading()
    reading.records = list(read_subjects(content, places, reading))
    if judged:
        judge_records(definition, reading, places.shape.asked.keys(), now, {})
    return in_order(reading)
