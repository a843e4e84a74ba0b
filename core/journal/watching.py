"""Look through the sealed events as they come for what is unusual, once each, and tell the data controllers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from core import access, audit
from core.access.models import Project
from core.accounts.models import User
from core.audit.models import Event, Link
from core.journal.engine import unusual
from core.journal.models import Activity, Alert, Cursor, Kind, Rule
from core.notices.services import notify

NAME = "alerts"
BATCH = 2000
ANSWER = "audit.answer_alerts"
USUAL = {Kind.VOLUME: 200, Kind.SERIES: 40, Kind.HOURS: 1, Kind.EXPORTS: 5, Kind.REFUSALS: 10, Kind.EMERGENCY: 1}
"""From how many on; in an hour, a series in `SPAN`."""
FIXED = (Kind.HOURS, Kind.EMERGENCY)
"""Kinds whose number nobody changes."""
SPAN = timedelta(minutes=10)
PAST = timedelta(days=90)
FRESH = timedelta(days=1)
"""Nobody is told of what is older: a history that is taken over is only learned from."""
COUNT = """
INSERT INTO journal_activity (project_id, person_id, hour, reads, exports, refusals)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::int[], %s::int[], %s::int[])
ON CONFLICT (project_id, person_id, hour) DO UPDATE SET reads = journal_activity.reads + excluded.reads,
    exports = journal_activity.exports + excluded.exports, refusals = journal_activity.refusals + excluded.refusals
"""

Key = tuple[UUID, UUID]
"""A project and a person."""


@dataclass(frozen=True)
class Found:
    project_id: UUID
    person_id: UUID
    kind: Kind
    window_at: datetime
    count: int


def watch() -> int:
    """Read on from where we were. Says how many alerts were raised."""
    total = 0
    while True:
        read, raised = watch_batch()
        total += raised
        if read < BATCH:
            return total


@transaction.atomic
def watch_batch() -> tuple[int, int]:
    """The next events: counted, looked at and noted as read in one transaction, so that none counts twice."""
    Cursor.objects.get_or_create(name=NAME)
    cursor = Cursor.objects.select_for_update(skip_locked=True).filter(name=NAME).first()
    if cursor is None:
        return 0, 0
    links = list(Link.objects.filter(sequence__gt=cursor.sequence).order_by("sequence")[:BATCH])
    if not links:
        return 0, 0
    events = Event.objects.filter(pk__in=[link.event_id for link in links], project_id__isnull=False)
    told = [event for event in events.exclude(actor_id=None).order_by("at") if counts(event)]
    count(told)
    raised = sum(tell(found) for found in look(told))
    cursor.sequence, cursor.moved_at = links[-1].sequence, timezone.now()
    cursor.save()
    return len(links), raised


def counts(event: Event) -> bool:
    return bool(
        unusual.is_reading(event.action)
        or unusual.is_export(event.action)
        or event.outcome == Event.Outcome.REFUSED
        or event.action == "access.emergency_opened"
    )


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def count(events: list[Event]) -> None:
    """Add the events to the numbers of their hours."""
    numbers: dict[tuple[UUID, UUID, datetime], Counter[str]] = defaultdict(Counter)
    for event in events:
        assert event.project_id is not None
        assert event.actor_id is not None
        found = numbers[(event.project_id, event.actor_id, hour_of(event.at))]
        if event.outcome == Event.Outcome.REFUSED:
            found["refusals"] += 1
            continue
        found["reads"] += unusual.is_reading(event.action)
        found["exports"] += unusual.is_export(event.action)
    if numbers:
        keys = sorted(numbers)  # in one order everywhere: two never wait for each other
        columns: list[list[Any]] = [[key[part] for key in keys] for part in range(3)]
        columns += [[numbers[key][name] for key in keys] for name in ("reads", "exports", "refusals")]
        with connection.cursor() as cursor:
            cursor.execute(COUNT, columns)


def look(events: list[Event]) -> Iterator[Found]:
    """What is unusual about the hours that these events are in. What is older than a day is past."""
    young = [event for event in events if event.at > timezone.now() - FRESH]
    by_person: dict[Key, list[Event]] = defaultdict(list)
    for event in young:
        assert event.project_id is not None
        assert event.actor_id is not None
        by_person[(event.project_id, event.actor_id)].append(event)
    rules = thresholds({project for project, _person in by_person})
    for (project, person), mine in by_person.items():
        bounds = rules[project]
        for found in (*numbers_of(project, person, mine, bounds), *moments_of(project, person, mine, bounds)):
            if found.kind in bounds:
                yield found


def thresholds(projects: set[UUID]) -> dict[UUID, dict[str, int]]:
    """For each project the kinds that are on, and from how many."""
    found: dict[UUID, dict[str, int]] = {
        project: {str(kind): number for kind, number in USUAL.items()} for project in projects
    }
    for rule in Rule.objects.filter(project__in=projects):
        if not rule.is_on:
            del found[rule.project_id][rule.kind]
        elif rule.threshold and rule.kind not in FIXED:
            found[rule.project_id][rule.kind] = rule.threshold
    return found


def numbers_of(project: UUID, person: UUID, events: list[Event], bounds: dict[str, int]) -> Iterator[Found]:
    """What the numbers of an hour say, held against those before."""
    hours = {hour_of(event.at) for event in events}
    rows = Activity.objects.filter(project_id=project, person_id=person, hour__gt=min(hours) - PAST).order_by("hour")
    past: list[tuple[datetime, int]] = []
    for row in rows:
        if row.hour in hours:
            read = [number for _hour, number in past]
            if row.reads and unusual.too_much(row.reads, read, bounds.get(Kind.VOLUME, row.reads + 1)):
                yield Found(project, person, Kind.VOLUME, row.hour, row.reads)
            if row.exports >= bounds.get(Kind.EXPORTS, row.exports + 1):
                yield Found(project, person, Kind.EXPORTS, row.hour, row.exports)
            if row.refusals >= bounds.get(Kind.REFUSALS, row.refusals + 1):
                yield Found(project, person, Kind.REFUSALS, row.hour, row.refusals)
            local = timezone.localtime(row.hour)
            if row.reads and unusual.at_unusual_hours(local, [timezone.localtime(hour) for hour, _number in past]):
                day = timezone.make_aware(datetime.combine(local.date(), time.min))
                yield Found(project, person, Kind.HOURS, day, row.reads)
        if row.reads:
            past.append((row.hour, row.reads))


def moments_of(project: UUID, person: UUID, events: list[Event], bounds: dict[str, int]) -> Iterator[Found]:
    """Access in an emergency, and things read one right after another."""
    for event in events:
        if event.action == "access.emergency_opened" and event.outcome == Event.Outcome.DONE:
            yield Found(project, person, Kind.EMERGENCY, event.at, 1)
    if Kind.SERIES not in bounds or not any(unusual.is_reading(event.action) for event in events):
        return
    around = Event.objects.filter(
        project_id=project, actor_id=person, at__gte=events[0].at - SPAN, at__lte=events[-1].at, outcome="done"
    )
    read = [
        (at, f"{kind} {key}")
        for at, action, kind, key in around.order_by("at").values_list("at", "action", "object_type", "object_id")
        if key and unusual.is_reading(action)
    ]
    most, when = unusual.most_within(read, SPAN)
    if when is not None and most >= bounds[Kind.SERIES]:
        yield Found(project, person, Kind.SERIES, hour_of(when), most)


def tell(found: Found) -> int:
    """Raise an alert and tell the data controllers, once for each window however often it is found."""
    project = Project.objects.filter(pk=found.project_id).first()
    person = User.objects.filter(pk=found.person_id).first()
    if project is None or person is None:
        return 0
    bound = thresholds({project.pk})[project.pk].get(found.kind, found.count)
    alert, is_new = Alert.objects.get_or_create(
        project=project,
        kind=found.kind,
        person=person,
        window_at=found.window_at,
        defaults={"count": found.count, "threshold": bound},
    )
    if not is_new:
        if alert.acknowledged_at is None and alert.count < found.count:
            Alert.objects.filter(pk=alert.pk).update(count=found.count)
        return 0
    audit.record(None, "audit.alert_raised", alert, rule=found.kind, number=found.count)
    notify(
        [membership.user for membership in access.members_holding(ANSWER, project).select_related("user")],
        f"audit.alert_{found.kind}",
        project=project,
        url=reverse("audit:alert", args=[project.slug, alert.pk]),
        urgent=found.kind == Kind.EMERGENCY,
        person=str(person),
        number=found.count,
    )
    return 1
