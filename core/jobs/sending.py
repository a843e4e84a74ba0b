"""Put a job's id into its queue. Should Valkey lose it, the sweeper sends it again."""

from __future__ import annotations

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from django.db.models.functions import Now
from kombu.exceptions import ChannelError, OperationalError

from core.jobs import live, registry
from core.jobs.models import Job
from core.jobs.timing import TIMING

logger = logging.getLogger(__name__)


def on_commit(job: Job) -> None:
    transaction.on_commit(partial(send, job), robust=True)


def send(job: Job) -> bool:
    """Tell the workers that this job waits. False when Valkey can't be reached."""
    task = registry.find(job.task)
    limit = task.limit.total_seconds() if task else None
    try:
        current_app.send_task(
            "core.jobs.execute",
            (str(job.pk),),
            queue=job.queue,
            soft_time_limit=limit,
            time_limit=limit and limit + TIMING.grace.total_seconds(),
            retry=False,
        )
    except OperationalError as error:
        logger.warning("job %s could not be sent, the sweeper will do it (%s)", job.pk, type(error).__name__)
        return False
    Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(sent_at=Now())
    live.changed(job.pk)
    return True


def queue_length(queue: str) -> int:
    """How many ids wait in a queue. Raises OperationalError without Valkey."""
    with current_app.connection_for_read() as link:
        try:
            return int(link.default_channel.queue_declare(queue=queue, passive=True).message_count)
        except ChannelError:  # Valkey keeps no empty queue
            return 0
