"""How far verification against the source is: what is due, what agrees, what changed since; without opening a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from core.access.models import Site
from ecrf import rights
from ecrf.engine import verification as rules
from ecrf.models import Entry, Form, Fragment, Subject, Verification, VerificationCount, VerificationPlan

if TYPE_CHECKING:
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
    entries: list[Entry] = field(default_factory=list)


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


def counted(actor: Actor, project: Project, form: Form) -> QuerySet[VerificationCount]:
    """What is counted of each record of the form that the actor may see."""
    counts = VerificationCount.objects.visible_to(actor)
    return counts.filter(entry__subject__project=project, entry__form=form, entry__removed_at=None, due__gt=0)


def by_site(counts: QuerySet[VerificationCount]) -> list[tuple[Site, Tally]]:
    """Added up, site by site in the order of their codes."""
    rows = counts.values_list("entry__subject__site", Sum("due"), Sum("verified"), Sum("outdated"))
    tallies = {site: Tally(*sums) for site, *sums in rows.order_by()}
    return [(site, tallies[site.pk]) for site in Site.objects.filter(pk__in=tallies).order_by("code")]


def by_subject(counts: QuerySet[VerificationCount]) -> QuerySet[VerificationCount, Any]:
    """One row per subject, ``{subject, due, verified, outdated}``, by site and number."""
    rows: Any = counts.values(subject=F("entry__subject"))
    rows = rows.annotate(due=Sum("due"), verified=Sum("verified"), outdated=Sum("outdated"))
    found: QuerySet[VerificationCount, Any] = rows.order_by("entry__subject__site__code", "entry__subject__sequence")
    return found


def lines_of(rows: Iterable[Mapping[str, Any]], form: Form) -> list[Line]:
    """These rows of `by_subject` with their subjects and records."""
    tallies = {row["subject"]: Tally(row["due"], row["verified"], row["outdated"]) for row in rows}
    subjects = Subject.objects.filter(pk__in=tallies).select_related("site", "project").in_bulk()
    lines = {pk: Line(subjects[pk], tally) for pk, tally in tallies.items()}
    entries = Entry.objects.filter(subject__in=tallies, form=form, removed_at=None, verification__due__gt=0)
    for entry in entries.defer("values", "notes", "title").select_related("verification").order_by("created_at"):
        entry.subject, entry.form = subjects[entry.subject_id], form
        lines[entry.subject_id].entries.append(entry)
    return list(lines.values())


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
