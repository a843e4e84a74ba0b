"""What people see of the long work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Min

from core.access.scope import limits_of
from core.jobs import execution, registry
from core.jobs.models import Job, JobQuerySet, Schedule

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from core.access.scope import Actor


def jobs(actor: Actor) -> JobQuerySet:
    """The jobs this person may see, with what a list says of them."""
    return Job.objects.visible_to(actor).select_related("owner", "project")


def of_subject(actor: Actor, subject: Model) -> JobQuerySet:
    """The jobs about one thing, newest first."""
    return jobs(actor).filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))


def kinds(rows: QuerySet[Job]) -> list[tuple[str, Any]]:
    """The kinds of work among these jobs, as choices."""
    names = rows.order_by("task").values_list("task", flat=True).distinct()
    return [(name, task.label if (task := registry.find(name)) else name) for name in names]


def of_instance(actor: Actor) -> JobQuerySet:
    """All jobs, for who runs the instance and came himself; nothing for others."""
    rows = Job.objects.select_related("owner", "project")
    runs = actor.is_active and getattr(actor, "is_administrator", False) and limits_of(actor) is None
    return rows if runs else rows.none()


@dataclass(frozen=True)
class Queue:
    """How much waits and runs in one queue, and since when the oldest due job has waited."""

    name: str
    waiting: int
    running: int
    oldest: datetime | None


def queues() -> list[Queue]:
    """Every queue, also those that are empty."""
    numbers = dict.fromkeys(((queue, state) for queue in registry.QUEUES for state in Job.LIVE), 0)
    rows = Job.objects.live().values_list("queue", "state").annotate(number=Count("pk"))
    numbers |= {(queue, Job.State(state)): number for queue, state, number in rows}
    oldest = dict(execution.waiting().values_list("queue").annotate(since=Min("created_at")))
    return [
        Queue(queue, numbers[queue, Job.State.WAITING], numbers[queue, Job.State.RUNNING], oldest.get(queue))
        for queue in registry.QUEUES
    ]


def next_schedules() -> QuerySet[Schedule]:
    """The work that comes again, next first."""
    return Schedule.objects.filter(is_active=True).select_related("project", "owner", "last_job")[:50]
