"""What came of each run on which day: done, partial, failed, or missed because nothing came at all."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from backup.models import Plan, Run, Snapshot
from core.jobs import rhythm
from core.jobs.models import Job

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

GRACE = timedelta(hours=1)
"""After its hour, a run that hasn't begun isn't missed yet."""
MADE_UP = timedelta(days=1)
"""How long after its hour a run still counts as that of the day."""
_TICK = timedelta(microseconds=1)


class State(StrEnum):
    """The worst first, as lists and cells name them."""

    FAILED = "failed"
    MISSED = "missed"
    PARTIAL = "partial"
    DONE = "done"


Row = tuple[UUID, str]
"""A repository, and the name of a source or of a plan that saves none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    at: datetime
    """When it ended; of one that was missed, when it was due."""
    state: State
    row: Row
    plan: UUID | None
    kind: str
    """What there is to open: a snapshot, a run, a job, or only the plan."""
    pk: UUID


@dataclass(frozen=True, slots=True)
class _Tried:
    """A run of any kind that has begun, whatever came of it."""

    at: datetime
    row: Row
    plan: UUID | None


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """These days, the last among them, as moments of the reader's time zone."""
    zone = timezone.get_current_timezone()
    start, end = datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)
    return start, end


def outcomes(actor: Actor, project: Project, first: date, last: date, now: datetime | None = None) -> list[Outcome]:
    """Everything that ended or was missed on these days, oldest first; in four queries, however much there is."""
    now = now or timezone.now()
    start, end = bounds(first, last)
    plans = {plan.pk: plan for plan in Plan.objects.visible_to(actor).filter(project=project).select_related("project")}
    rows = {pk: (plan.repository_id, plan.row) for pk, plan in plans.items()}
    found: list[Outcome] = []
    tried: list[_Tried] = []
    for ended in (_saved, _run, _worked):
        for outcome, attempt in ended(actor, project, rows, start, end + MADE_UP):
            tried.append(attempt)
            if outcome is not None and start <= outcome.at < end:
                found.append(outcome)
    found += _missed(plans.values(), tried, start, min(end, now - GRACE))
    return sorted(found, key=lambda one: one.at)


Ended = Iterator[tuple[Outcome | None, _Tried]]
"""Each run that was under way in some time, with what came of it so far."""


def _saved(actor: Actor, project: Project, rows: Mapping[UUID, Row], start: datetime, end: datetime) -> Ended:
    """What was saved, by whomever."""
    found = Snapshot.objects.visible_to(actor).filter(project=project, finished_at__gte=start, finished_at__lt=end)
    for pk, repository, source, plan, began, at, unread, differs in found.values_list(
        "pk", "repository", "source", "plan", "started_at", "finished_at", "unread", "store_differs"
    ):
        row = (repository, source) if source or plan is None else rows.get(plan, (repository, source))
        state = State.PARTIAL if unread or differs else State.DONE
        yield Outcome(at, state, row, plan, "snapshot", pk), _Tried(began, row, plan)


def _run(actor: Actor, project: Project, rows: Mapping[UUID, Row], start: datetime, end: datetime) -> Ended:
    """Runs of agents that made no backup: those that failed, and those of who looks after a repository."""
    states = {Run.State.DONE.value: State.DONE, Run.State.PARTIAL.value: State.PARTIAL}
    found = Run.objects.visible_to(actor).filter(project=project, snapshot=None, started_at__lt=end)
    lasting = Q(ended_at__gte=start) | Q(ended_at=None)
    for pk, plan, said, began, at in found.filter(lasting, plan__in=rows).values_list(
        "pk", "plan", "state", "started_at", "ended_at"
    ):
        outcome = None if at is None else Outcome(at, states.get(said, State.FAILED), rows[plan], plan, "run", pk)
        yield outcome, _Tried(began, rows[plan], plan)


def _worked(actor: Actor, project: Project, rows: Mapping[UUID, Row], start: datetime, end: datetime) -> Ended:
    """Jobs of this server that made none. Of each only its end is told, and that to who sees its plan."""
    found = Job.objects.filter(project=project, task="backup.save", created_at__gte=start - MADE_UP, created_at__lt=end)
    for pk, arguments, said, began, at in found.exclude(state=Job.State.DONE).values_list(
        "pk", "arguments", "state", "created_at", "ended_at"
    ):
        plan = UUID(arguments["plan"])
        if plan in rows:
            has_failed = at is not None and said == Job.State.FAILED
            outcome = Outcome(at, State.FAILED, rows[plan], plan, "job", pk) if has_failed else None
            yield outcome, _Tried(began, rows[plan], plan)


def _missed(plans: Iterable[Plan], tried: Iterable[_Tried], start: datetime, end: datetime) -> Iterator[Outcome]:
    """The days on which a plan was due and nothing of it began, neither then nor in the day after."""
    by_plan: dict[UUID, list[datetime]] = defaultdict(list)
    by_row: dict[Row, list[datetime]] = defaultdict(list)
    for one in tried:
        if one.plan is not None:
            by_plan[one.plan].append(one.at)
        by_row[one.row].append(one.at)
    for plan in plans:
        row = (plan.repository_id, plan.row)
        begun = sorted(by_plan[plan.pk] + by_row[row])
        since = max(start, plan.counted_from or plan.created_at)
        turns = list(due(plan, since, min(end, plan.ended_at or end)))
        for turn, after in zip_longest(turns, turns[1:]):
            until = min(after or turn + MADE_UP, turn + MADE_UP)
            place = bisect_left(begun, turn)
            if place == len(begun) or begun[place] >= until:
                yield Outcome(turn, State.MISSED, row, plan.pk, "plan", plan.pk)


def due(plan: Plan, since: datetime, until: datetime) -> Iterator[datetime]:
    """The first turn of each of the reader's days on which a plan is due."""
    every, zone = rhythm.parse(plan.every), ZoneInfo(plan.zone or settings.TIME_ZONE)
    turn = every.after(since - _TICK, zone)
    while turn < until:
        yield turn
        day = timezone.localtime(turn).date()
        _start, midnight = bounds(day, day)
        turn = every.after(midnight - _TICK, zone)
