"""Reads of the grid of subjects and pages: how far each is, in a number of queries that doesn't depend on how many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from ecrf import progress, rights
from ecrf.engine import Definition
from ecrf.engine.queries import ACTIVE
from ecrf.models import Entry, Form, Level, Lock, Query, Signature, Subject, Verification, Visit
from ecrf.progress import Progress

if TYPE_CHECKING:
    from core.access.scope import Actor

Place = tuple[str, str]
"""An event and a page; either may be empty."""


@dataclass(frozen=True)
class Column:
    """One page at one event; `copied` where it is filled in as often as needed."""

    event: str
    page: str
    title: str
    copied: bool = False


@dataclass(frozen=True)
class Group:
    """The pages of one event; of a form without events all its pages."""

    event: str
    title: str
    columns: tuple[Column, ...]


@dataclass
class Signs:
    """What there is to say of one page of a subject, besides how far it is."""

    queries: int = 0
    signed: bool = False
    verified: bool = False
    lapsed: bool = False
    locked: bool = False


@dataclass
class Row:
    """One subject of the grid."""

    subject: Subject
    entries: list[Entry] = field(default_factory=list)
    signs: dict[Place, Signs] = field(default_factory=lambda: defaultdict(Signs))
    overdue: frozenset[str] = frozenset()
    """The events that he has missed so far."""
    hidden: frozenset[str] = frozenset()

    @property
    def activity(self) -> Any:
        return max((entry.updated_at for entry in self.entries), default=None)

    def of(self, column: Column) -> list[Entry]:
        page = column.page if column.copied else ""
        return [one for one in self.entries if one.event == column.event and one.page == page]

    def progress(self, column: Column) -> Progress:
        """Of several records of one page: what the least finished is."""
        found = [progress.of_page_in(entry, column.page) for entry in self.of(column)]
        return next((one for one in found if one.look == "warning"), found[0]) if found else progress.EMPTY

    def at(self, event: str) -> Progress:
        return progress.of_entries([one for one in self.entries if one.event == event])

    def tags(self, event: str) -> frozenset[str]:
        return frozenset(tag for one in self.entries if one.event == event for tag in one.tags)


def groups_of(definition: Definition, title: str, language: str, hidden: Collection[str] = ()) -> list[Group]:
    """The columns of the grid; pages that the reader may read nowhere are left out."""

    def columns(event: str) -> tuple[Column, ...]:
        asked = [*definition.pages_of(event), *definition.copied_pages(event)]
        return tuple(
            Column(event, page.key, definition.text(page.title, language), definition.repeats(event, page))
            for page in asked
            if page.key not in hidden
        )

    if not definition.events:
        return [Group("", title, columns(""))]
    return [
        Group(key, definition.text(event.title, language), columns(key)) for key, event in definition.events.items()
    ]


def entries_in(form: Form) -> QuerySet[Entry]:
    return Entry.objects.filter(form=form, removed_at=None)


def rows_of(actor: Actor, form: Form, subjects: Iterable[Subject]) -> list[Row]:
    """The subjects of a page with all that their cells say; no value is opened."""
    rows = {one.pk: Row(one) for one in subjects}
    for entry in entries_in(form).filter(subject__in=list(rows)).defer("values", "notes", "title", "marks"):
        rows[entry.subject_id].entries.append(entry)
    mark(form, rows)
    today = timezone.localdate()
    for pk, event in overdue(today).filter(form=form, subject__in=list(rows)).values_list("subject", "event"):
        rows[pk].overdue |= {event}
    allowed: dict[Any, frozenset[str]] = {}
    for row in rows.values():
        site = row.subject.site
        if site.pk not in allowed:
            allowed[site.pk] = rights.of(actor, form, site).hidden
        row.hidden = allowed[site.pk]
    return list(rows.values())


def mark(form: Form, rows: Mapping[UUID, Row]) -> None:
    """Queries, locks, signatures and verifications of the records of these subjects, by page: four queries."""
    here = {"entry__form": form, "entry__subject__in": list(rows), "entry__removed_at": None}
    place = ("entry__subject", "entry__event", "page")
    asked = Query.objects.filter(**here, state__in=sorted(ACTIVE)).order_by()
    for subject, event, page, count in asked.values_list(*place).annotate(Count("pk")):
        rows[subject].signs[event, page].queries += count
    for subject, event, page in Signature.objects.filter(**here, undone_at=None).order_by().values_list(*place):
        rows[subject].signs[event, page].signed = True
    locks = Lock.objects.filter(**here, level=Level.PAGE, released_at=None, starts_at__lte=timezone.now())
    for subject, event, page in locks.order_by().values_list(*place):
        rows[subject].signs[event, page].locked = True
    marks = Verification.objects.filter(**here, withdrawn_at=None).order_by().values_list(*place[:2])
    for subject, event, lapsed in marks.annotate(lapsed=Count("pk", filter=Q(outdated_at__isnull=False))):
        signs = rows[subject].signs[event, ""]
        signs.verified, signs.lapsed = signs.verified or not lapsed, signs.lapsed or bool(lapsed)


def overdue(today: Any, grace: int = 0) -> QuerySet[Visit]:
    """Visits whose window is past, of which nothing is known."""
    last = today - timedelta(days=grace)
    return Visit.objects.filter(closes__lt=last, **AWAITED).order_by()


AWAITED = {"actual": None, "is_entered": False, "not_done_reason": "", "passed_over": False}


def counts_of(form: Form, subjects: QuerySet[Subject]) -> dict[Place, dict[str, int]]:
    """Of each page at each event, how many subjects are how far: one query, whose groups are few."""
    rows = entries_in(form).filter(subject__in=subjects.order_by().values("pk"), instance=1).order_by()
    found: defaultdict[Place, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = rows.annotate(is_locked=ExpressionWrapper(Q(locked_at__isnull=False), output_field=BooleanField()))
    for event, locked, marks, count in rows.values_list("event", "is_locked", "marks").annotate(Count("pk")):
        for mark_ in marks:
            page, sign, word = partitioned(mark_)
            if sign == "=":
                found[event, page]["locked" if locked else word] += count
    return {place: dict(counts) for place, counts in found.items()}


def partitioned(mark_: str) -> tuple[str, str, str]:
    """``key=complete`` or ``key+missing``"""
    sign = "=" if "=" in mark_ else "+"
    page, _sign, word = mark_.partition(sign)
    return page, sign, word
