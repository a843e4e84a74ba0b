"""How much work waits and runs, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from core.jobs import queries
from core.jobs.models import Job
from core.tool import Measure


def measures() -> Iterator[Measure]:
    """The live jobs by queue and state, how long the oldest due one has waited, and the last hour's ends by task."""
    now = timezone.now()
    for queue in queries.queues():
        for state, number in ((Job.State.WAITING, queue.waiting), (Job.State.RUNNING, queue.running)):
            labels = {"queue": queue.name, "state": str(state)}
            yield Measure("suite_jobs", "Jobs that wait or run.", number, labels)
        waited = (now - queue.oldest).total_seconds() if queue.oldest else 0
        yield Measure(
            "suite_jobs_oldest_seconds", "How long the oldest due job has waited.", waited, {"queue": queue.name}
        )
    ended = Job.objects.filter(ended_at__gt=now - timedelta(hours=1)).values_list("task", "state")
    for task, state, number in ended.annotate(number=Count("pk")):
        labels = {"task": task, "state": state}
        yield Measure("suite_jobs_ended_last_hour", "Jobs that ended in the last hour.", number, labels)
