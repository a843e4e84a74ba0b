"""Find what got stuck: jobs whose worker died, whose message was lost, whose owner has left, whose time is over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from core.jobs import clock, execution, registry, rights, sending, services
from core.jobs.locking import brief
from core.jobs.models import Job, Line
from core.jobs.timing import TIMING

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)


def sweep() -> None:
    """Once through all live jobs. Several sweepers may run: each row is looked at by one of them."""
    withdraw()
    if clock.is_steady():
        recover()
    resend()


def withdraw() -> None:
    """Stop the live jobs of people who have lost the right to them, also where a membership simply ran out."""
    for job in locked(Job.objects.live().filter(cancel_asked_at=None)):
        if reason := rights.lost(job):
            services.stop(job, None, reason)


def recover() -> None:
    """Give the jobs of dead workers to others, or end them when they may not be tried again."""
    over = Q(lease_until__lt=Now()) | Q(lease_until__gt=Now() + 2 * TIMING.lease)  # given before the clock was put back
    for job in locked(Job.objects.filter(over, state=Job.State.RUNNING)):
        task = registry.find(job.task)
        if job.cancel_asked_at is not None:
            execution.end(job, Job.State.CANCELLED)
        elif task is not None and worked(job) > task.limit:
            execution.end(job, Job.State.FAILED, error=execution.too_long(task))
        elif task is None or job.attempts - job.spared > task.retries:
            execution.end(job, Job.State.FAILED, error=_("The program that did it was stopped each time it was tried."))
        else:
            logger.warning("job %s: worker %s was lost in attempt %s", job.pk, job.worker, job.attempts)
            text = _("The program that did it was stopped; another one takes it up again.")
            Line.objects.create(job=job, attempt=job.attempts, text=text)
            execution.again(job, not_before=None)


def worked(job: Job) -> timedelta:
    """From the start of the attempt to its last sign of life: while the whole machine was off, it did nothing.

    Nobody knows for how long where the clock has been put back since.
    """
    assert job.started_at is not None
    assert job.lease_until is not None
    alive_at = job.lease_until - TIMING.lease
    return alive_at - job.started_at if alive_at <= timezone.now() + TIMING.lease else timedelta()


def resend() -> None:
    """Send the ids of due jobs that are in no queue: never sent, due again after an error, or lost by Valkey."""
    lost = Q(sent_at=None) | Q(sent_at__gt=Now() + TIMING.lost)
    try:
        empty = [queue for queue in registry.QUEUES if sending.queue_length(queue) == 0]
    except OperationalError as error:
        logger.warning("the queues can't be reached (%s)", type(error).__name__)
        return
    lost |= Q(sent_at__lt=Now() - TIMING.lost, queue__in=empty)
    for job in execution.waiting().filter(lost).order_by("created_at"):
        if not sending.send(job):
            return


def locked(jobs: QuerySet[Job]) -> Iterator[Job]:
    """Each of these rows, still so and held by nobody, in a transaction of its own and in its owner's language."""
    for pk in list(jobs.values_list("pk", flat=True)):
        with brief():
            rows = jobs.select_for_update(of=("self",), skip_locked=True).select_related("owner", "project")
            if (job := rows.filter(pk=pk).first()) is not None:
                with translation.override(job.owner.language):
                    yield job
