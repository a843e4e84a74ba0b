"""How far verification against the source is: what is due, what agrees, what changed since; without opening a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ecrf import rights
from ecrf.engine import verification as rules
from ecrf.models import Entry, Form, Fragment, Subject, Verification, VerificationPlan

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.access.models import Project
    from core.access.scope import Actor


@dataclass
class Tally:
    """Of the values that are due: how many are verified, and how many were and have changed since."""

    due: int = 0
    verified: int = 0
    outdated: int = 0

    def add(self, other: Tally) -> None:
        self.due += other.due
        self.verified += other.verified
        self.outdated += other.outdated

    @property
    def left(self) -> int:
        return self.due - self.verified

    @property
    def share(self) -> float | None:
        return self.verified / self.due if self.due else None


@dataclass(frozen=True)
class Line:
    """One subject with what is left to verify, record by record."""

    subject: Subject
    tally: Tally
    entries: list[tuple[Entry, Tally]] = field(default_factory=list)


def entered_of(entries: Iterable[Entry] | QuerySet[Entry, Any]) -> Mapping[UUID, set[str]]:
    """The keys that were ever entered in these records: one that was emptied is to be compared too."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for entry_id, keys in Fragment.objects.filter(entry__in=entries).values_list("entry_id", "keys").iterator():
        found[entry_id].update(keys)
    return found


def plan_of(form: Form) -> VerificationPlan:
    return VerificationPlan.objects.filter(form=form).first() or VerificationPlan(form=form, seed="")


def due_of(plan: VerificationPlan, subject: Subject, asked: Iterable[str], entered: set[str]) -> set[str]:
    """What of a record is to be verified."""
    whole = rules.chosen(
        plan.subjects,
        subject=str(subject.pk),
        place=subject.sequence,
        seed=plan.seed,
        first=plan.first,
        percent=plan.percent,
    )
    return rules.due(entered, list(asked), plan.items, whole=whole)


def marks_of(
    entries: Iterable[Entry] | QuerySet[Entry, Any],
) -> tuple[Mapping[UUID, set[str]], Mapping[UUID, set[str]]]:
    """The items that are verified, and those that were and have changed since, by record."""
    verified: defaultdict[UUID, set[str]] = defaultdict(set)
    outdated: defaultdict[UUID, set[str]] = defaultdict(set)
    rows = Verification.objects.filter(entry__in=entries, withdrawn_at=None)
    for entry_id, item, since in rows.values_list("entry_id", "item", "outdated_at").iterator():
        (verified if since is None else outdated)[entry_id].add(item)
    return verified, {pk: items - verified[pk] for pk, items in outdated.items()}


def lines_of(actor: Actor, project: Project, form: Form) -> list[Line]:
    """Every subject that the actor may see with what is due of a form: five queries, however many there are."""
    entries = Entry.objects.visible_to(actor).filter(subject__project=project, form=form, removed_at=None)
    plan, places = plan_of(form), rules.verifiable(form.published.loaded)
    may = rights.by_site(actor, form)
    entered, (verified, outdated) = entered_of(entries.values("pk")), marks_of(entries.values("pk"))
    found: dict[Any, Line] = {}
    rows = entries.defer("values").select_related("subject__site", "subject__project", "form")
    for entry in rows.order_by("subject__site__code", "subject__sequence", "created_at"):
        asked = [key for key, page in places.items() if may(entry.subject.site_id).reads(page)]
        due = due_of(plan, entry.subject, asked, entered[entry.pk]) & set(asked)
        tally = Tally(len(due), len(due & verified[entry.pk]), len(due & outdated.get(entry.pk, set())))
        line = found.setdefault(entry.subject_id, Line(entry.subject, Tally()))
        line.tally.add(tally)
        line.entries.append((entry, tally))
    return list(found.values())


def by_site(lines: Iterable[Line]) -> list[tuple[Any, Tally]]:
    sites: dict[Any, tuple[Any, Tally]] = {}
    for line in lines:
        sites.setdefault(line.subject.site_id, (line.subject.site, Tally()))[1].add(line.tally)
    return list(sites.values())


def state_of(actor: Actor, entry: Entry) -> dict[str, Any]:
    """What the entry page must know: which items are due, verified and by whom, or changed since."""
    may = rights.of_entry(actor, entry)
    asked = [key for key, page in rules.verifiable(entry.version.loaded).items() if may.reads(page)]
    entered = entered_of([entry])[entry.pk]
    rows = Verification.objects.filter(entry=entry, withdrawn_at=None).select_related("by").order_by("created_at")
    marks: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.item not in asked and not may.whole:
            continue
        marks[row.item] = {
            "state": "verified" if row.outdated_at is None else "outdated",
            "by": str(row.by),
            "at": row.created_at.isoformat(),
            "revision": row.revision,
        }
    due = due_of(plan_of(entry.form), entry.subject, asked, entered)
    due = due if may.whole else due & set(asked)
    return {"due": sorted(due), "entered": sorted(entered & set(asked)), "marks": marks, "revision": entry.revision}
