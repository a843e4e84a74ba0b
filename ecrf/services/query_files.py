"""Queries from a file: every wrong cell is named first; nothing is opened unless all of it is right and looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, jobs
from core.access.models import Project
from core.accounts.models import User
from core.errors import Conflict, Invalid
from core.jobs.models import Job
from ecrf import messages, permissions, rights
from ecrf.engine import query_file
from ecrf.engine.faults import Fault
from ecrf.models import Entry, Form, Query, QueryBatch, Subject
from ecrf.queries import forms_of
from ecrf.services.people import account
from ecrf.services.queries import MOST_TEXT, open_query
from ecrf.services.threads import Assignment

if TYPE_CHECKING:
    from core.access.scope import Actor

AT_ONCE = 100
"""So many are opened while one waits; more are a job."""


@dataclass
class Reading:
    """What a file is held against: the subjects, records and people that its reader sees, fetched at once."""

    actor: Actor
    project: Project
    rows: Sequence[query_file.Row]
    faults: list[Fault] = field(default_factory=list)

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        numbers = {row.subject for row in self.rows}
        rows = Subject.objects.visible_to(self.actor).filter(project=self.project, number__in=numbers)
        return {subject.number: subject for subject in rows.select_related("site", "project")}

    @cached_property
    def forms(self) -> dict[str, Form]:
        return {form.key: form for form in forms_of(self.actor, self.project)}

    @cached_property
    def entries(self) -> Mapping[tuple[Any, Any], list[Entry]]:
        found: defaultdict[tuple[Any, Any], list[Entry]] = defaultdict(list)
        for entry in Entry.objects.filter(subject__in=self.subjects.values(), removed_at=None).defer("values"):
            found[entry.subject_id, entry.form_id].append(entry)
        return found

    @cached_property
    def pages(self) -> dict[Any, rights.PageRights]:
        """Of each form, the pages that the actor sees."""
        return {form.pk: rights.of(self.actor, form) for form in self.forms.values()}

    @cached_property
    def people(self) -> dict[str, User]:
        emails = {row.assign.lower() for row in self.rows if "@" in row.assign}
        return {user.email.lower(): user for user in User.objects.filter(email__in=emails, is_active=True)}

    @cached_property
    def rights(self) -> dict[Any, frozenset[str]]:
        sites = {subject.site_id: subject.site for subject in self.subjects.values()}
        return {key: access.abilities(self.actor, self.project, site) for key, site in sites.items()}

    def fault(self, row: query_file.Row, column: str, code: str, **params: Any) -> None:
        self.faults.append(Fault(f"row {row.line}, {column}", code, params))

    def made(self) -> list[dict[str, Any]]:
        """The queries that the rows ask for; faults fill as they are found."""
        return [one for one in map(self.one, self.rows) if one is not None]

    def one(self, row: query_file.Row) -> dict[str, Any] | None:
        before = len(self.faults)
        if not row.text:
            self.fault(row, "text", "cell_empty")
        if len(row.text) > MOST_TEXT:
            self.fault(row, "text", "too_long", limit=MOST_TEXT)
        if not row.field and not row.page:
            self.fault(row, "field", "nothing_asked")
        subject = self.subjects.get(row.subject)
        if subject is None:
            self.fault(row, "subject", "no_subject")
            return None
        if permissions.OPEN not in self.rights[subject.site_id]:
            self.fault(row, "subject", "may_not_open")
        form = self.form_of(row)
        entry = self.entry_of(row, subject, form) if form else None
        person = self.assigned(row, entry, subject)
        if len(self.faults) > before or entry is None or form is None:
            return None
        definition = form.published.loaded
        return {
            "entry": str(entry.pk),
            "item": row.field,
            "page": definition.items[row.field].page if row.field else row.page,
            "text": row.text,
            "group": row.assign if row.assign in Query.Group.values else Query.Group.SITE,
            "person": str(person.pk) if person else "",
        }

    def form_of(self, row: query_file.Row) -> Form | None:
        """The form that has the field, or the page where no field is named."""
        if row.form and row.form not in self.forms:
            self.fault(row, "form", "no_form")
            return None
        forms = [self.forms[row.form]] if row.form else list(self.forms.values())
        with_page = [
            form
            for form in forms
            if any(page.key == row.page and self.pages[form.pk].reads(page.key) for page in form.published.loaded.pages)
        ]
        if row.page and not with_page:
            self.fault(row, "page", "unknown_page")
            return None
        if not row.field:
            fitting = with_page
        else:
            fitting = [
                form
                for form in forms
                if row.field in form.published.loaded.items
                and self.pages[form.pk].reads(form.published.loaded.items[row.field].page)
            ]
            if not fitting:
                self.fault(row, "field", "unknown_variable", name=row.field[:80])
                return None
            if row.page:
                fitting = [form for form in fitting if form.published.loaded.items[row.field].page == row.page]
                if not fitting:
                    self.fault(row, "field", "field_elsewhere", page=row.page[:80])
                    return None
        if len(fitting) > 1:
            self.fault(row, "form", "form_missing")
        return fitting[0] if len(fitting) == 1 else None

    def entry_of(self, row: query_file.Row, subject: Subject, form: Form) -> Entry | None:
        """The record at the event and the copy that the row names."""
        if row.instance and (not row.instance.isdecimal() or len(row.instance) > 6 or int(row.instance) < 1):
            self.fault(row, "instance", "no_instance")
            return None
        entries = self.entries.get((subject.pk, form.pk), [])
        here = [entry for entry in entries if place_of(entry)[0] == row.event]
        if row.event and not here:
            self.fault(row, "event", "no_event", name=row.event[:80])
            return None
        page = row.page or (form.published.loaded.items[row.field].page if row.field else "")
        copies = [entry for entry in here if place_of(entry)[1] in ("", page)]
        repeating = [entry for entry in copies if place_of(entry)[1]] or copies
        wanted = int(row.instance) if row.instance else 1
        found = next((entry for entry in repeating if place_of(entry)[2] == wanted), None)
        if found is None:
            self.fault(row, "instance" if row.instance else "subject", "no_record")
        return found

    def assigned(self, row: query_file.Row, entry: Entry | None, subject: Subject) -> User | None:
        """The person to whom the row gives the query, if it names one."""
        if not row.assign:
            return None
        if permissions.ASSIGN not in self.rights[subject.site_id]:
            self.fault(row, "assign", "may_not_assign")
        if row.assign in Query.Group.values:
            return None
        person = self.people.get(row.assign.lower())
        if person is None or (entry and not Entry.objects.visible_to(person).filter(pk=entry.pk).exists()):
            self.fault(row, "assign", "assign_unknown")
        return person


def place_of(entry: Entry) -> tuple[str, str, int]:
    """Event, repeating page and number of the copy of a record; a form without events has one copy at none."""
    return entry.event, entry.page, entry.instance


@transaction.atomic
def read_queries(actor: Actor, project: Project, content: bytes, source: str) -> QueryBatch:
    """Read a file of queries. What is wrong with it is kept with it, cell by cell; nothing is opened yet."""
    access.require(actor, permissions.OPEN, project)
    rows, faults = query_file.read(content)
    reading = Reading(actor, project, rows, list(faults))
    made = reading.made()
    batch = QueryBatch.objects.create(
        project=project,
        author=account(actor),
        source=source[:200],
        rows=made,
        faults=[asdict(fault) for fault in reading.faults],
        row_count=len(rows),
        fault_count=len(reading.faults),
    )
    audit.record(actor, "ecrf.queries_file_read", batch, rows=len(rows), found=len(reading.faults))
    return batch


def open_batch(actor: Actor, batch: QueryBatch) -> Job | int:
    """Open all queries of a file: at once, or as a job where they are many. Raises Invalid where a cell is wrong."""
    access.require(actor, permissions.OPEN, batch.project, obj=batch)
    if batch.fault_count:
        raise Invalid(faults_of(batch), _("Correct the file first: nothing was opened."))
    if batch.row_count > AT_ONCE:
        return jobs.submit(
            actor,
            "ecrf.open_queries",
            project=batch.project,
            arguments={"batch_id": str(batch.pk)},
            subject=batch,
            unique=str(batch.pk),
        )
    return open_now(actor, batch)


@transaction.atomic
def open_now(actor: Actor, batch: QueryBatch, progress: Any = None) -> int:
    """Open all of them in one transaction. Raises Conflict where that was done already."""
    batch = QueryBatch.objects.select_for_update(of=("self",)).select_related("project").get(pk=batch.pk)
    if batch.opened_at is not None:
        raise Conflict(_("The queries of this file are open already."), "open")
    wanted = {row["entry"] for row in batch.rows}
    related = ("subject__project", "subject__site", "form", "version")
    entries = {str(one.pk): one for one in Entry.objects.filter(pk__in=wanted).select_related(*related)}
    people = {str(one.pk): one for one in User.objects.filter(pk__in={row["person"] for row in batch.rows} - {""})}
    for number, row in enumerate(batch.rows, 1):
        to = Assignment(row["group"], people.get(row["person"]))
        open_query(actor, entries[row["entry"]], row["text"], item=row["item"], page=row["page"], to=to)
        if progress is not None and number % 50 == 0:
            progress(number, batch.row_count)
    batch.opened_at = timezone.now()
    batch.save(update_fields=["opened_at"])
    return batch.row_count


@transaction.atomic
def discard_batch(actor: Actor, batch: QueryBatch) -> None:
    """Forget a file that was read."""
    access.require(actor, permissions.OPEN, batch.project, obj=batch)
    audit.record(actor, "ecrf.queries_file_discarded", batch, rows=batch.row_count)
    batch.delete()


def faults_of(batch: QueryBatch) -> list[Any]:
    """What is wrong with a file, in words."""
    return [messages.of_definition(Fault(one["place"], one["code"], one["params"])) for one in batch.faults]
