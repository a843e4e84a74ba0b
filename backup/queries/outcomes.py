"""What came of each run on which day: done, partial, failed, or missed because nothing came at all."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from backup.models import Plan, Run, Snapshot
from backup.models.plans import shown
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


class Outcome(NamedTuple):
    """Made by the thousands for a page: a tuple is made in a third of the time of a dataclass."""

    at: datetime
    """When it ended; of one that was missed, when it was due."""
    state: State
    row: Row
    plan: UUID | None
    kind: str
    """What there is to open: a snapshot, a run, a job, or only the plan."""
    pk: UUID
    name: str
    """What the row is called on the pages of its project."""


class _Tried(NamedTuple):
    """A run of any kind that has begun, whatever came of it."""

    at: datetime
    row: Row
    plan: UUID | None


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """These days, the last among them, as moments of the reader's time zone."""
    zone = timezone.get_current_timezone()
    start, end = datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)
    return start, end


def outcomes(
    actor: Actor,
    project: Project,
    first: date,
    last: date,
    now: datetime | None = None,
    only: Collection[str] | None = None,
) -> list[Outcome]:
    """Everything that ended or was missed on these days, oldest first; with `only`, of these sources. Four queries."""
    now = now or timezone.now()
    start, end = bounds(first, last)
    planned = Plan.objects.visible_to(actor).filter(project=project).select_related("project")
    plans = {plan.pk: plan for plan in planned if only is None or plan.row in only}
    rows = {pk: (plan.repository_id, plan.row) for pk, plan in plans.items()}
    saved = Snapshot.objects.visible_to(actor).filter(project=project)
    if only is not None:
        saved = saved.filter(source__in=only)
    found: list[Outcome] = []
    tried: list[_Tried] = []
    runs = Run.objects.visible_to(actor).filter(project=project)
    for outcome, attempt in chain(
        _saved(saved, project, rows, start, end + MADE_UP),
        _run(runs, project, rows, start, end + MADE_UP),
        _worked(project, rows, start, end + MADE_UP),
    ):
        tried.append(attempt)
        if outcome is not None and start <= outcome.at < end:
            found.append(outcome)
    found += _missed(plans.values(), tried, start, min(end, now - GRACE))
    return sorted(found, key=lambda one: one.at)


Ended = Iterator[tuple[Outcome | None, _Tried]]
"""Each run that was under way in some time, with what came of it so far."""


def _saved(
    saved: QuerySet[Snapshot], project: Project, rows: Mapping[UUID, Row], start: datetime, end: datetime
) -> Ended:
    """What was saved, by whomever."""
    found = saved.filter(finished_at__gte=start, finished_at__lt=end)
    for pk, repository, source, plan, began, at, unread, differs in found.values_list(
        "pk", "repository_id", "source", "plan_id", "started_at", "finished_at", "unread", "store_differs"
    ):
        row = (repository, source) if source or plan is None else rows.get(plan, (repository, source))
        state = State.PARTIAL if unread or differs else State.DONE
        yield Outcome(at, state, row, plan, "snapshot", pk, shown(row[1], project)), _Tried(began, row, plan)


def _run(runs: QuerySet[Run], project: Project, rows: Mapping[UUID, Row], start: datetime, end: datetime) -> Ended:
    """Runs of agents that made no backup: those that failed, and those of who looks after a repository."""
    states = {Run.State.DONE.value: State.DONE, Run.State.PARTIAL.value: State.PARTIAL}
    found = runs.filter(snapshot=None, started_at__lt=end)
    lasting = Q(ended_at__gte=start) | Q(ended_at=None)
    for pk, plan, said, began, at in found.filter(lasting, plan__in=rows).values_list(
        "pk", "plan", "state", "started_at", "ended_at"
    ):
        assert began is not None  # only those that have begun are asked for
        row, state = rows[plan], states.get(said, State.FAILED)
        outcome = None if at is None else Outcome(at, state, row, plan, "run", pk, shown(row[1], project))
        yield outcome, _Tried(began, row, plan)


def _worked(project: Project, rows: Mapping[UUID, Row], start: datetime, end: datetime) -> Ended:
    """Jobs of this server that made none. Of each only its end is told, and that to who sees its plan."""
    found = Job.objects.filter(project=project, task="backup.save", created_at__gte=start - MADE_UP, created_at__lt=end)
    for pk, arguments, said, began, at in found.exclude(state=Job.State.DONE).values_list(
        "pk", "arguments", "state", "created_at", "ended_at"
    ):
        plan = UUID(arguments["plan"])
        if plan in rows:
            row, outcome = rows[plan], None
            if at is not None and said == Job.State.FAILED:
                outcome = Outcome(at, State.FAILED, row, plan, "job", pk, shown(row[1], project))
            yield outcome, _Tried(began, row, plan)


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
                yield Outcome(turn, State.MISSED, row, plan.pk, "plan", plan.pk, shown(row[1], plan.project))


def due(plan: Plan, since: datetime, until: datetime) -> Iterator[datetime]:
    """The first turn of each of the reader's days on which a plan is due."""
    every, zone = rhythm.parse(plan.every), ZoneInfo(plan.zone or settings.TIME_ZONE)
    turn = every.after(since - _TICK, zone)
    while turn < until:
        yield turn
        day = timezone.localtime(turn).date()
        _start, midnight = bounds(day, day)
        turn = every.after(midnight - _TICK, zone)
