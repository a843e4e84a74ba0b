"""One record of a file: what it changes, saved through the door of every save, and its faults at their cells."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages
from ecrf.engine.exchange.judging import near
from ecrf.engine.exchange.records import Record
from ecrf.models import Entry, ImportedEntry, Source, Subject
from ecrf.models.forms import reader_language
from ecrf.services import doors, keeping, removal
from ecrf.services import entries as saves
from ecrf.services.scripted import ScriptFailed

if TYPE_CHECKING:
    from ecrf.services.imports.saving import Importer

DIRECT = frozenset(
    {"below_min", "above_max", "too_few_ticked", "too_many_ticked", "retired_choice", "too_few_rows", "too_many_rows"}
    | {"locked", "unknown_status", "comment_too_long", "no_notes_here"}
)
"""What is wrong with a value whatever else the row should have said: the rest is judged once its cells can be read."""
EMPTY: tuple[Any, ...] = (None, "", [])


class OneRecord:
    def __init__(self, importer: Importer, subject: Subject, record: Record, entry: Entry | None) -> None:
        self.importer, self.subject, self.record, self.entry = importer, subject, record, entry
        self.definition, self.report = importer.definition, importer.report
        self.is_again = entry is not None and entry.removed_at is not None and was_undone(entry)
        self.stored: dict[str, Any] = dict(entry.values) if entry else {}
        self.rights = importer.rights(subject.site_id)

    @staticmethod
    def sheet_of(record: Record) -> engine.Sheet:
        return engine.Sheet(record.event, record.page, record.instance)

    @cached_property
    def pages(self) -> frozenset[str]:
        return frozenset(page.key for page in self.definition.pages_of(self.record.event, self.record.page))

    @cached_property
    def values(self) -> dict[str, Any]:
        """What the file says otherwise than it is; an empty cell says so only where the import is to clear."""
        said = {key: value for key, value in self.record.values.items() if not self.is_computed(key)}
        if self.importer.data_import.empty == "clear":
            said = dict.fromkeys(self.emptied(), None) | said
        if self.is_again:  # what an import that was undone had brought is not what is imported now
            said = dict.fromkeys(key for key in self.stored if not self.is_computed(key)) | said
        return {key: value for key, value in said.items() if not same(value, self.stored.get(key))}

    def emptied(self) -> Iterable[str]:
        places = self.record.places or self.pages
        for key in self.importer.reading.asked:
            page = keeping.page_of(self.definition, key)
            if page in self.pages and page in places and not self.is_computed(key):
                yield key

    @cached_property
    def notes(self) -> dict[str, Any]:
        before = (self.entry.notes if self.entry else None) or {}
        said = {}
        for place, note in self.record.notes.items():
            whole = {**before.get(place, {}), **{name: note[name] for name in ("status", "comment") if name in note}}
            if whole != before.get(place, {}):
                said[place] = whole
        return said

    @cached_property
    def complete(self) -> dict[str, bool]:
        before = self.entry.pages if self.entry else {}
        said = {page: status == "complete" for page, status in self.record.pages.items() if page in self.pages}
        return {page: flag for page, flag in said.items() if flag != before.get(page, {}).get("complete", False)}

    def is_computed(self, key: str) -> bool:
        item = self.definition.items.get(key)
        return item is not None and item.calc is not None

    def save(self) -> ImportedEntry | None:
        """Save the record; None where nothing of it changes, or where it can't be saved."""
        counts, is_new = self.report.counts, self.entry is None or self.is_again
        if self.entry is not None and self.entry.removed_at is not None and not self.is_again:
            self.fault("subject", "record_removed")
            return None
        says = self.values or self.notes or self.complete or (is_new and self.record.pages)
        if not (says or self.is_again):
            counts["entries_empty" if self.entry is None else "entries_unchanged"] += 1
            return None
        if not self.may():
            return None
        before = self.entry.revision if self.entry else 0
        complete = [page for page, state in (self.entry.pages if self.entry else {}).items() if state["complete"]]
        try:
            if self.is_again and self.entry is not None:
                self.entry = removal.move(self.importer.actor, self.entry, self.reason, removed=False, source=SOURCE)
            saved = self.kept()
        except Invalid as error:
            if isinstance(error, ScriptFailed):
                self.importer.failed = error
            self.refuse(error.faults)
            return None
        except Conflict as error:
            self.report.fault(self.row(""), self.column("subject"), error.code, error.message)
            return None
        counts["entries_new" if is_new else "entries_changed"] += 1
        self.tell(saved, is_new)
        if saved.entry.revision == before:
            return None
        line = ImportedEntry(data_import=self.importer.data_import, entry=saved.entry, after=saved.entry.revision)
        line.before, line.complete = (0 if is_new else before), ([] if is_new else complete)
        return line

    @property
    def reason(self) -> str:
        return self.importer.data_import.reason or self.importer.data_import.source

    def kept(self) -> saves.Saved:
        actor, form, sheet = self.importer.actor, self.importer.data_import.form, self.sheet_of(self.record)
        with doors.acting_for(actor, self.subject, form, sheet, self.values, self.notes, self.complete):
            return saves.keep(
                actor,
                self.subject,
                form,
                self.entry.revision if self.entry else 0,
                self.values,
                sheet=sheet,
                notes=self.notes,
                complete=self.complete,
                reason=self.reason,
                shown=None,
                draft=False,
                source=SOURCE,
                said_at=None,
                batch=saves.Batch(self.importer.version, self.importer.settled, self.imported()),
            )

    def imported(self) -> dict[str, Any] | None:
        """What of the file's own ways an export in the same format is to have again."""
        record = self.record
        odd = {page: status for page, status in record.pages.items() if status != "complete"}
        given = {keeping.page_of(self.definition, key) for key in record.values} | set(record.pages)
        empty = [
            key
            for key in self.importer.reading.asked
            if self.is_computed(key) and key not in record.values and self.definition.items[key].page in given
        ]
        if not (record.spelt or odd or empty):
            return None
        return {"spelt": record.spelt, "pages": dict(record.pages), "uncomputed": sorted(empty)}

    def may(self) -> bool:
        """Whether nobody but the import's author need agree: his pages, and no signature in the way."""
        before = self.report.counts["faults"]
        changed = [*self.values, *self.notes]
        signed = {one.page for one in self.entry.signatures.all() if one.undone_at is None} if self.entry else set()
        for place in changed:
            page = keeping.page_of(self.definition, place.partition("[")[0])
            if page and self.rights.reads(page) and not self.rights.edits(page):
                self.fault(place, "page_not_yours")
            elif page in signed and self.importer.data_import.signed == "refuse":
                self.fault(place, "page_signed")
        if signed & {keeping.page_of(self.definition, place.partition("[")[0]) for place in changed}:
            self.report.counts["signed"] += 1
        return self.report.counts["faults"] == before

    def refuse(self, faults: Iterable[Fault]) -> None:
        """Where a cell of the row can't be read, no more is said than what holds whatever that cell says."""
        rows = {str(self.row(page)) for page in ("", *self.record.places)}
        partly = bool(rows & self.importer.wrong_rows)
        for fault in faults:
            if partly and fault.code not in DIRECT:
                continue
            key = fault.place.partition("[")[0]
            page = keeping.page_of(self.definition, key)
            self.report.fault(self.row(page), self.column(fault.place), fault.code, fault.message)

    def tell(self, saved: saves.Saved, is_new: bool) -> None:
        """What is doubtful, and what changes."""
        given = self.record.values
        for finding in saved.state.warnings:
            key = finding.row.partition("[")[0] or finding.key
            if key in given and self.rights.knows(self.definition, key):
                message = messages.of_finding(finding, self.definition, reader_language())
                self.warn(finding.place, finding.code, message)
        after = saved.entry.values
        for key, value in given.items():
            if not self.rights.knows(self.definition, key):
                continue
            if self.is_computed(key) and not near(value, after.get(key)) and not same(value, after.get(key)):
                words = messages.words("calc_differs", {"computed": after.get(key) or "—"}, of=messages.DATA)
                self.warn(key, "calc_differs", words)
        if is_new:
            return
        changed = saves.difference(self.stored, after)
        for key in filter(partial(self.rights.knows, self.definition), changed):
            where = {"subject": self.subject.number, "event": self.record.event, "row": self.row("")}
            where |= {"page": keeping.page_of(self.definition, key), "instance": self.record.instance, "item": key}
            self.report.change({**where, "before": self.stored.get(key), "after": after.get(key)})

    def fault(self, place: str, code: str) -> None:
        page = keeping.page_of(self.definition, place.partition("[")[0])
        words = messages.words(code, {}, of=messages.DATA)
        self.report.fault(self.row(page), self.column(place), code, words)

    def warn(self, place: str, code: str, message: Any) -> None:
        page = keeping.page_of(self.definition, place.partition("[")[0])
        self.report.warn(self.row(page), self.column(place), code, message)

    def row(self, page: str) -> int | str:
        place = self.record.places.get(page, self.record.place)
        text = place.removeprefix("row ")
        return int(text) if text.isdecimal() else place

    def column(self, place: str) -> str:
        """What the file calls the cell of an item."""
        titles = self.importer.reading.titles
        return titles.get(place) or titles.get(place.partition("[")[0]) or place


SOURCE = Source.IMPORT


def same(one: Any, other: Any) -> bool:
    return one == other or (one in EMPTY and other in EMPTY)


def was_undone(entry: Entry) -> bool:
    """Whether the record was removed because the import that had brought it was undone."""
    return ImportedEntry.objects.filter(entry=entry, before=0, data_import__undone_at__isnull=False).exists()
