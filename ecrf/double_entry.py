"""Reads of double entry: how far each page is, and how often two entries differed; never a value."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from ecrf.engine import Sheet
from ecrf.models import DoubleEntryPlan, Entry, Form, Reconciliation, SecondEntry, Subject
from ecrf.models.entries import THE_PARTICIPANT
from ecrf.progress import Progress

if TYPE_CHECKING:
    from core.access.scope import Actor

NONE = Progress("waiting", _("Not entered"), icon="circle-dashed")
ONCE = Progress("running", _("Entered once"), icon="number-1")
TWICE = Progress("warning", _("Entered twice"), icon="number-2")
RECONCILED = Progress("done", _("Reconciled"), icon="circle-check")


@dataclass(frozen=True)
class Twice:
    """One page of one sheet that is entered twice."""

    form: Form
    sheet: Sheet
    page: str
    progress: Progress
    second: SecondEntry | None = None

    @property
    def to_settle(self) -> bool:
        return self.progress is TWICE


def of_subject(subject: Subject, form: Form, plan: DoubleEntryPlan) -> list[Twice]:
    """How far the pages that are entered twice are, sheet by sheet; without opening a value."""
    definition = form.published.loaded
    rows = Entry.objects.filter(subject=subject, form=form, removed_at=None).defer("values", "notes", "title")
    first = {entry.sheet: entry for entry in rows}
    seconds = SecondEntry.objects.filter(subject=subject, form=form).defer("values", "notes").select_related("author")
    second = {one.sheet: one for one in seconds}
    done = set(Reconciliation.objects.filter(entry__subject=subject, entry__form=form).values_list("entry", "page"))
    events = [key for key in definition.events if definition.events[key].is_of(subject.arm)] or [""]
    sheets = dict.fromkeys([*(Sheet(event) for event in events), *first, *second])
    found = []
    for sheet in sheets:
        entry, other = first.get(sheet), second.get(sheet)
        for page in definition.pages_of(sheet.event, sheet.page):
            if page.key not in plan.pages:
                continue
            begun = entry is not None and entry.pages.get(page.key, {}).get("answered", 0) > 0
            again = other is not None and other.pages.get(page.key, {}).get("complete", False)
            settled = entry is not None and (entry.pk, page.key) in done
            state = RECONCILED if settled else TWICE if begun and again else ONCE if begun or again else NONE
            found.append(Twice(form, sheet, page.key, state, other))
    return found


@dataclass
class Rate:
    """How often something was compared, differed, and was wrong the first and the second time."""

    compared: int = 0
    differing: int = 0
    first_wrong: int = 0
    second_wrong: int = 0

    @property
    def share(self) -> float | None:
        return self.differing / self.compared if self.compared else None


@dataclass
class PersonRate:
    compared: int = 0
    wrong: int = 0

    @property
    def share(self) -> float | None:
        return self.wrong / self.compared if self.compared else None


@dataclass
class Rates:
    items: dict[str, Rate] = field(default_factory=lambda: defaultdict(Rate))
    people: dict[Any, PersonRate] = field(default_factory=lambda: defaultdict(PersonRate))
    pages: int = 0


def rates_of(actor: Actor, form: Form) -> Rates:
    """By field and by person, over the records that the actor may see."""
    found = Rates()
    rows = Reconciliation.objects.visible_to(actor).filter(entry__form=form).select_related("first_by", "second_by")
    for one in rows:
        found.pages += 1
        for key in one.compared:
            rate = found.items[key]
            rate.compared += 1
            rate.differing += key in one.differing
            rate.first_wrong += key in one.first_wrong
            rate.second_wrong += key in one.second_wrong
        for person, wrong in ((one.first_by or THE_PARTICIPANT, one.first_wrong), (one.second_by, one.second_wrong)):
            found.people[person].compared += len(one.compared)
            found.people[person].wrong += len(wrong)
    return found
