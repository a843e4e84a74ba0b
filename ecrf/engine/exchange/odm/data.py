"""Records as ODM's ClinicalData, a subject at a time; what both versions write alike, and where they differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from ecrf.engine.exchange.odm.places import Places
from ecrf.engine.exchange.odm.writing import LOCK_LIST, PAGE_LIST, STATUS_LIST
from ecrf.engine.exchange.records import Change, Record, Signature
from ecrf.engine.exchange.shape import Asked
from ecrf.engine.exchange.xml import tag, words

NOBODY, NOWHERE = "unknown", "unknown"


@dataclass(frozen=True)
class People:
    """Who appears in the data: names of users and of sites by their identifier."""

    users: Mapping[str, str] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)


class DataWriter(ABC):
    """The parts of a version; `audit` writes each change of a value with who made it, when and why."""

    def __init__(self, places: Places, *, audit: bool) -> None:
        self.places, self.shape, self.audit = places, places.shape, audit

    # what differs between the versions
    @abstractmethod
    def value(self, oid: str, values: list[str] | None, inside: str, transaction: str | None) -> str: ...

    @abstractmethod
    def comment(self, text: str) -> str: ...

    @abstractmethod
    def form(self, oid: str, number: str, about: str, groups: list[str]) -> str: ...

    @abstractmethod
    def event(self, oid: str, number: str, about: str, forms: list[str]) -> str: ...

    def clinical_data(self, records: Iterable[Record]) -> Iterator[str]:
        study = self.places.study
        opening = tag("ClinicalData", {"StudyOID": study.oid, "MetaDataVersionOID": study.version}, " ")
        yield opening.removesuffix(" </ClinicalData>") + "\n"
        for subject, found in groupby(records, key=lambda record: record.subject):
            yield self.subject(subject, list(found)) + "\n"
        yield "</ClinicalData>\n"

    def subject(self, subject: str, records: list[Record]) -> str:
        events = []
        for (event, number), found in groupby(records, key=self.visit):
            here = list(found)
            forms = [form for record in here for form in self.forms(record)]
            whole = [change for record in here if not record.page for change in record.audit if not change.key]
            events.append(self.event(self.places.events[event], str(number), self.last_audit(whole), forms))
        site = next((record.site for record in records if record.site), "")
        reference = tag("SiteRef", {"LocationOID": site}) if site else ""
        transaction = "Upsert" if self.audit else None
        return tag("SubjectData", {"SubjectKey": subject, "TransactionType": transaction}, reference, *events)

    def visit(self, record: Record) -> tuple[str, int]:
        """The event, and which time it is of one that comes again as a whole."""
        return record.event, record.instance if self.shape.event_repeats(record.event) and not record.page else 1

    def forms(self, record: Record) -> Iterator[str]:
        pages = [record.page] if record.page else self.shape.single_pages(record.event)
        history: dict[str, list[Change]] = defaultdict(list)
        for change in record.audit if self.audit else ():
            history[change.key].append(change)
        for page in pages:
            groups = list(self.groups(record, page, history))
            signature = next((one for one in reversed(record.signatures) if one.page == page), None)
            if not groups and page not in record.pages and signature is None:
                continue
            changes = [change for change in record.audit if not change.key and record.page]
            flags = [(record.pages[page], PAGE_LIST)] if page in record.pages else []
            about = self.about(changes, signature, flags, "")
            number = str(record.instance) if record.page else "1"
            yield self.form(self.places.splitting.forms[page], number, about, groups)

    def groups(self, record: Record, page: str, history: Mapping[str, list[Change]]) -> Iterator[str]:
        for oid, items in self.places.groups[page].items():
            repeat = items[0].group
            if not repeat:
                inside = [part for asked in items for part in self.items(oid, asked, record, history)]
                if inside:
                    yield tag("ItemGroupData", {"ItemGroupOID": oid, "ItemGroupRepeatKey": "1"}, *inside)
                continue
            for number, row in enumerate(record.values.get(repeat) or (), start=1):
                inside = [part for asked in items for part in self.cells(oid, asked, row.get(asked.key), None, None)]
                yield tag("ItemGroupData", {"ItemGroupOID": oid, "ItemGroupRepeatKey": str(number)}, *inside)

    def items(self, group: str, asked: Asked, record: Record, history: Mapping[str, list[Change]]) -> Iterator[str]:
        """An item: with its history where that is wanted, the present value last."""
        key, note = asked.key, record.notes.get(asked.key)
        value = record.values.get(key)
        changes = history.get(key, [])
        begun = False
        for change in changes[:-1] if changes and changes[-1].value == value else changes:
            yield from self.cells(group, asked, change.value, change, None, "Update" if begun else "Insert")
            begun = True
        last = changes[-1] if changes and changes[-1].value == value else None
        if last is None and changes:
            yield from self.cells(group, asked, value, None, note, "Update")
        elif value is not None or note or last:
            transaction = ("Update" if begun else "Insert") if self.audit and last else None
            yield from self.cells(group, asked, value, last, note, transaction)

    def cells(
        self,
        group: str,
        asked: Asked,
        value: Any,
        change: Change | None,
        note: Mapping[str, Any] | None,
        transaction: str | None = None,
    ) -> Iterator[str]:
        """One element, or one per box."""
        about = self.about([change] if change else [], None, self.flags(note), str((note or {}).get("comment", "")))
        if value is None and not about and transaction is None:
            return
        page = asked.page
        if asked.spec["type"] == "choices" and self.places.splitting.boxes:
            for number, code in enumerate(self.shape.choices[asked.key]):
                ticked = None if value is None else ["1" if code in value else "0"]
                inside = about if number == 0 or change else ""
                yield self.value(self.places.boxes[asked.key, code], ticked, inside, transaction)
            return
        oid = self.places.splitting.places[page, asked.key][1]
        values = None if value is None else [self.spell(asked, one) for one in listed(value)]
        yield self.value(oid, values, about, transaction)

    def spell(self, asked: Asked, value: str) -> str:
        """The text that ODM's types want: times with seconds, codes as the study's own."""
        kind = asked.spec["type"]
        if kind in ("datetime", "time") and value.count(":") == 1:
            return f"{value}:00"
        if asked.spec.get("source", {}).get("odm.type") == "boolean" and kind == "choice":
            return {"1": "true", "0": "false"}.get(value, value)
        return self.places.codes.get(asked.key, {}).get(value, value)

    def flags(self, note: Mapping[str, Any] | None) -> list[tuple[str, str]]:
        found = []
        if note and note.get("status"):
            found.append((str(note["status"]), STATUS_LIST))
        if note and note.get("locked"):
            found.append(("locked", LOCK_LIST))
        return found

    def about(
        self, changes: list[Change], signature: Signature | None, flags: Sequence[tuple[str, str]], comment: str
    ) -> str:
        """Who, signature and remarks, in the order that both versions want."""
        parts = self.last_audit(changes)
        if signature is not None:
            reference = tag("SignatureRef", {"SignatureOID": f"SD.{signature.page}"})
            parts += tag("Signature", {}, who(signature.user, signature.site), reference, stamp(signature.at))
        if flags or comment:
            marks = [tag("Flag", {}, tag("FlagValue", {"CodeListOID": oid}, words(text))) for text, oid in flags]
            parts += tag("Annotation", {"SeqNum": "1"}, self.comment(comment) if comment else "", *marks)
        return parts

    def last_audit(self, changes: list[Change]) -> str:
        if not self.audit or not changes or not changes[-1].at:
            return ""
        change = changes[-1]
        reason = tag("ReasonForChange", {}, words(change.reason)) if change.reason else ""
        return tag("AuditRecord", {}, who(change.user, change.site), stamp(change.at), reason)


def who(user: str, site: str) -> str:
    return tag("UserRef", {"UserOID": user or NOBODY}) + tag("LocationRef", {"LocationOID": site or NOWHERE})


def stamp(moment: str) -> str:
    return tag("DateTimeStamp", {}, words(moment))


def listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]


def admin_data(places: Places, people: People, day: str) -> str:
    """Users, sites and what signatures mean."""
    study = places.study
    users = [
        tag("User", {"OID": oid}, tag("FullName", {}, words(name)))
        for oid, name in {NOBODY: NOBODY, **people.users}.items()
    ]
    version = {"StudyOID": study.oid, "MetaDataVersionOID": study.version, "EffectiveDate": day}
    sites = [
        tag("Location", {"OID": oid, "Name": name or oid}, tag("MetaDataVersionRef", dict(version)))
        for oid, name in {NOWHERE: NOWHERE, **people.sites}.items()
    ]
    text = places.shape.definition.text
    language = places.shape.definition.languages[0]
    meanings = [
        tag(
            "SignatureDef",
            {"OID": f"SD.{key}", "Methodology": "Electronic"},
            tag("Meaning", {}, words(text(page.get("sign"), language) or "signed")),
            tag("LegalReason", {}, words(text(page.get("sign"), language) or "signed")),
        )
        for key, page in places.shape.pages.items()
    ]
    return tag("AdminData", {"StudyOID": study.oid}, *users, *sites, *meanings) + "\n"
