"""The rows of entries as an export reads them: columns only, opened when they are first needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from core.access.models import Site
from core.vault.fields import EncryptedField, Sealed
from ecrf.engine import Definition, Sheet
from ecrf.models import Entry

COLUMNS = (
    "pk",
    "subject_id",
    "subject__number",
    "subject__arm",
    "subject__site_id",
    "event",
    "page",
    "instance",
    "revision",
    "version__number",
    "values",
    "notes",
    "pages",
    "created_at",
    "updated_at",
)
CHUNK = 1000
SUBJECTS = 100
"""Subjects whose rows are asked for at once."""


def sealed(name: str) -> EncryptedField:
    found = Entry._meta.get_field(name)
    assert isinstance(found, EncryptedField)
    return found


@dataclass
class Who:
    """The subject of a row, as far as expressions know him."""

    pk: UUID
    number: str
    arm: str
    site: Site
    project_id: Any


@dataclass
class Row:
    """An entry; stands in for one where the rest of a casebook is asked for."""

    pk: UUID
    subject: Who
    event: str
    page: str
    instance: int
    revision: int
    version: int
    pages: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    project: Any
    sealed_values: Sealed | None = field(repr=False)
    sealed_notes: Sealed | None = field(repr=False)
    sealed_trace: Sealed | None = field(default=None, repr=False)

    @cached_property
    def sheet(self) -> Sheet:
        return Sheet(self.event, self.page, self.instance)

    @cached_property
    def values(self) -> dict[str, Any]:
        if self.sealed_values is None:
            return {}
        found: dict[str, Any] = sealed("values").open_for(self.pk, self.project, self.sealed_values)
        return found or {}

    @cached_property
    def notes(self) -> dict[str, Any]:
        if self.sealed_notes is None:
            return {}
        found: dict[str, Any] = sealed("notes").open_for(self.pk, self.project, self.sealed_notes)
        return found or {}

    @cached_property
    def trace(self) -> dict[str, Any]:
        """How its file told it (`Entry.imported`), as long as nobody saved it since; empty otherwise."""
        if self.sealed_trace is None:
            return {}
        found: dict[str, Any] = sealed("imported").open_for(self.pk, self.project, self.sealed_trace) or {}
        return found if found.get("revision") == self.revision else {}


def casebooks(
    entries: Any, project: Any, sites: dict[Any, Site], definition: Definition, *, traces: bool = False
) -> Iterator[list[Row]]:
    """The chosen rows of each subject, in the order of events, pages and instances; few are held at a time.

    `traces`: with how the files told them that they came from.
    """
    events = {key: place for place, key in enumerate(definition.events)}
    pages = {page.key: place for place, page in enumerate(definition.pages)}

    def place(row: Row) -> tuple[int, int, int]:
        return events.get(row.event, len(events)), pages.get(row.page, -1), row.instance

    columns = (*COLUMNS, *(("imported",) if traces else ()))
    ordered = ("subject__site__code", "subject__sequence", "subject_id")
    subjects = [pk for pk, *_ in entries.order_by(*ordered).values_list("subject_id", *ordered[:2]).distinct()]
    for first in range(0, len(subjects), SUBJECTS):  # some at a time: PostgreSQL never sorts all that is sealed
        rows = entries.filter(subject__in=subjects[first : first + SUBJECTS]).order_by(*ordered).values_list(*columns)
        made = (row_of(found, project, sites) for found in rows.iterator(chunk_size=CHUNK))
        for _subject, own in groupby(made, key=attrgetter("subject.pk")):
            yield sorted(own, key=place)


def row_of(found: tuple[Any, ...], project: Any, sites: dict[Any, Site]) -> Row:
    (pk, subject, number, arm, site, event, page, instance, revision, version) = found[:10]
    (values, notes, states, made, saved, *trace) = found[10:]
    who = Who(subject, number, arm, sites[site], project)
    return Row(pk, who, event, page, instance, revision, version, states, made, saved, project, values, notes, *trace)
