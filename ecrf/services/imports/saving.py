"""The records of a file, saved one by one as any save is; tried, each subject's are taken back at once.

So that a trial judges exactly as the import does, with a memory that holds the file and some hundreds of subjects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from core.access.models import Site
from core.errors import Conflict, Invalid
from ecrf import messages, rights
from ecrf.engine import numbering
from ecrf.engine.exchange.records import Reading, Record
from ecrf.models import DataImport, Entry, FormVersion, ImportedEntry, Subject
from ecrf.services.automatic import settled_for
from ecrf.services.imports.record import OneRecord
from ecrf.services.imports.report import Report
from ecrf.services.scripted import ScriptFailed
from ecrf.services.subjects import include

if TYPE_CHECKING:
    from core.access.scope import Actor

CHUNK = 300
"""So many subjects are fetched at once."""

Progress = Callable[[int, int], None]
"""Is told how many subjects of how many are done."""


@dataclass
class Importer:
    """Saves what a file says, or tries to. `trying` takes each subject back."""

    actor: Actor
    data_import: DataImport
    version: FormVersion
    reading: Reading
    report: Report
    trying: bool
    lines: list[ImportedEntry] = field(default_factory=list)
    basis: Any = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        project = self.data_import.project
        rows = Site.objects.filter(project=project, retired_at=None)
        self.sites = {site.code: site for site in rows.select_related("project")}
        self.definition = self.version.loaded
        self.events = {key: at for at, key in enumerate(self.definition.events)}
        self.settled = settled_for(self.data_import.form)
        self.rights = rights.by_site(self.actor, self.data_import.form)
        self.failed: ScriptFailed | None = None
        self.wrong_rows = {str(fault.params.get("row")) for fault in self.reading.faults}
        self.basis.update(self.version.pk.bytes)

    def run(self, progress: Progress) -> None:
        by_subject: dict[str, list[Record]] = {}
        for record in self.reading.records:
            by_subject.setdefault(record.subject, []).append(record)
        done, total = 0, len(by_subject)
        waiting = iter(list(by_subject))
        while numbers := list(islice(waiting, CHUNK)):
            subjects = self.subjects(numbers)
            entries = self.entries(subjects)
            for number in numbers:
                subject = subjects.get(number)
                records = sorted(by_subject.pop(number), key=self.order)
                with transaction.atomic():
                    self.one(number, subject, records, entries.get(subject.pk, {}) if subject else {})
                    if self.trying:
                        transaction.set_rollback(True)
                done += 1
                progress(done, total)
            self.flush()

    def order(self, record: Record) -> tuple[int, str, int]:
        """Events as the form has them, what they ask once before the copies: later ones may read earlier ones."""
        return self.events.get(record.event, 0), record.page, record.instance

    def subjects(self, numbers: Iterable[str]) -> dict[str, Subject]:
        project = self.data_import.project
        rows = Subject.objects.filter(project=project, number__in=list(numbers)).select_related("site")
        found = {}
        for subject in rows:
            subject.project = subject.site.project = project
            found[subject.number] = subject
        return found

    def entries(self, subjects: dict[str, Subject]) -> dict[UUID, dict[Any, Entry]]:
        """What is there of each subject, by its sheets, removed records too."""
        by_key = {subject.pk: subject for subject in subjects.values()}
        rows = Entry.objects.filter(subject__in=by_key, form=self.data_import.form).prefetch_related("signatures")
        found: dict[UUID, dict[Any, Entry]] = {}
        for key, group in groupby(rows.order_by("subject_id"), key=lambda entry: entry.subject_id):
            found[key] = {entry.sheet: entry for entry in self.owned(group, by_key[key])}
        return found

    def owned(self, entries: Iterable[Entry], subject: Subject) -> Iterator[Entry]:
        for entry in entries:
            entry.subject, entry.form = subject, self.data_import.form
            yield entry

    def one(self, number: str, subject: Subject | None, records: list[Record], entries: dict[Any, Entry]) -> None:
        """All that the file says of one subject."""
        if subject is None:
            subject = self.new(number, records)
        if subject is None:
            return
        for record in records:
            if record.site not in ("", subject.site.code):
                if record.site in self.sites:
                    self.fault(record, "site", "subject_elsewhere", site=subject.site.code)
                continue
            entry = entries.get(OneRecord.sheet_of(record))
            state = f"{number}\x1f{record.event}\x1f{record.page}\x1f{record.instance}\x1f"
            state += f"{entry.revision if entry else 0}\x1f"
            self.basis.update(state.encode())
            line = OneRecord(self, subject, record, entry).save()
            if line is not None:
                self.lines.append(line)

    def new(self, number: str, records: list[Record]) -> Subject | None:
        """A subject whom the study doesn't know yet, under the number that the file gives him."""
        first = records[0]
        codes = {one.site for one in records if one.site} or {self.data_import.site} - {""} or set(self.sites)
        site = self.sites.get(next(iter(codes))) if len(codes) == 1 else None
        if not numbering.SIGNS.fullmatch(number):
            self.fault(first, "subject", "bad_subject", limit=numbering.LONGEST)
            return None
        if site is None and codes <= set(self.sites):  # else the reader has named the cell
            self.fault(first, "site", "site_twice" if any(one.site for one in records) else "site_needed")
        if site is None:
            return None
        try:
            subject = include(self.actor, site, number, self.arm_of(records))
        except (Conflict, Invalid) as error:
            self.report.fault(row_of(first.place), "subject", "number_taken", error.message)
            return None
        subject.site = site
        subject.project = site.project = self.data_import.project
        self.report.counts["subjects_new"] += 1
        return subject

    def arm_of(self, records: list[Record]) -> str:
        """The arm that all events of the file's records have in common, where that is one."""
        planned = [
            set(self.definition.events[one.event].spec.get("arms", ())) for one in records if one.event in self.events
        ]
        arms = set.intersection(*[one for one in planned if one]) if any(planned) else set()
        return str(next(iter(arms))) if len(arms) == 1 else ""

    def fault(self, record: Record, column: str, code: str, **params: Any) -> None:
        self.report.fault(row_of(record.place), column, code, messages.words(code, params, of=messages.DATA))

    def flush(self) -> None:
        if not self.trying:
            ImportedEntry.objects.bulk_create(self.lines)
        self.lines = []


def row_of(place: str) -> int | str:
    """The number of a row, or another place as it is."""
    text = place.removeprefix("row ")
    return int(text) if text.isdecimal() else place
