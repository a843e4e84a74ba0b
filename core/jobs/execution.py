"""Take a job, do it, write down how it ended: each step only if the row still says that it is ours."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from billiard.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit, tracing
from core.context import Context, current
from core.errors import Conflict, Invalid, Refusal, place_of
from core.jobs import live, registry, rights, telling
from core.jobs.locking import brief
from core.jobs.models import Job, JobQuerySet
from core.jobs.pulse import Pulse
from core.jobs.run import Run
from core.jobs.stops import Cancelled, Stop, Superseded, TimeLimit
from core.jobs.timing import TIMING

if TYPE_CHECKING:
    from core.access.scope import Actor

logger = logging.getLogger(__name__)


def execute(job_id: UUID, *, threaded: bool = True) -> None:
    """Do a waiting job to its end. Whatever else the row says (done, taken, gone), there is nothing to do."""
    mark = current.set(Context(request_id=job_id.hex, channel="job"))
    try:
        if (job := take(job_id)) is not None:
            with translation.override(job.owner.language), tracing.span(f"job {job.task}", job=str(job.pk)):
                work(job, threaded=threaded)
    finally:
        current.reset(mark)


def run_waiting() -> int:
    """Do here and now all that waits and is due, also what it submits; for commands and tests. Says how many ran."""
    count = 0
    while due := list(waiting().order_by("created_at").values_list("pk", flat=True)):
        for job_id in due:
            execute(job_id, threaded=False)
            count += 1
    return count


def waiting() -> JobQuerySet:
    """The jobs that may be taken up now."""
    return Job.objects.filter(Q(not_before=None) | Q(not_before__lte=Now()), state=Job.State.WAITING)


@brief()
def take(job_id: UUID) -> Job | None:
    """Make a waiting job ours: a new attempt with a lease. None when it isn't waiting or somebody holds its row."""
    rows = waiting().select_for_update(of=("self",), skip_locked=True).select_related("owner", "project")
    job = rows.filter(pk=job_id).first()
    if job is None:
        return None
    with translation.override(job.owner.language):
        if registry.find(job.task) is None:
            end(job, Job.State.FAILED, error=_("This version of the suite does not know this work."))
            return None
        if job.cancel_asked_at is not None:
            end(job, Job.State.CANCELLED)
            return None
        if reason := rights.lost(job):
            end(job, Job.State.CANCELLED, error=reason)
            return None
    job.attempts += 1
    job.state = Job.State.RUNNING
    job.worker = f"{socket.gethostname()}:{os.getpid()}"
    Job.objects.filter(pk=job.pk).update(
        state=job.state,
        attempts=job.attempts,
        worker=job.worker,
        started_at=Now(),
        lease_until=Now() + TIMING.lease,
        done=0,
        total=None,
        message="",
        error="",
        reference="",
    )
    audit.record(job.owner, "jobs.job_started", job, task=job.task, attempt=job.attempts)
    transaction.on_commit(lambda: live.changed(job.pk))
    return job


def work(job: Job, *, threaded: bool) -> None:
    """Run the task of a job that was taken, and settle it by what came out."""
    task = registry.get(job.task)
    actor = rights.as_asked(job)
    pulse = Pulse(job, task.limit, threaded=threaded)
    try:
        try:
            with pulse:
                result = task.work(Run(job, actor, pulse), **job.arguments)
        except SoftTimeLimitExceeded:
            raise (pulse.stop or TimeLimit) from None
        settle(job, pulse, Job.State.DONE, result=result or {})
    except Superseded:
        logger.warning("job %s: attempt %s ended after another worker had taken over", job.pk, job.attempts)
    except Cancelled:
        settle(job, pulse, Job.State.CANCELLED)
    except TimeLimit:
        settle(job, pulse, Job.State.FAILED, error=too_long(task))
    except Stop:
        raise
    except Refusal as refusal:
        refusal.record()
        settle(job, pulse, Job.State.FAILED, error=_("You may no longer do this here."))
    except (Invalid, Conflict) as error:
        settle(job, pulse, Job.State.FAILED, error=in_words(error))
    except Exception as error:
        unexpected(job, pulse, task, error)


def unexpected(job: Job, pulse: Pulse, task: registry.Task, error: Exception) -> None:
    """Try again later while attempts are left. The log gets the error's place, not its text, which may hold data."""
    reference = secrets.token_hex(4)
    where = place_of(error)
    logger.error("job %s (%s) failed [%s]: %s at %s", job.pk, job.task, reference, type(error).__qualname__, where)
    failures = job.attempts - job.spared
    if failures > task.retries:
        why = _("An unexpected error stopped it. Give its reference to support, who find the cause by it.")
        settle(job, pulse, Job.State.FAILED, error=why, reference=reference)
    else:
        again_at = Now() + TIMING.pause(failures)
        settle(job, pulse, Job.State.WAITING, not_before=again_at, reference=reference)


def settle(job: Job, pulse: Pulse, state: Job.State, **fields: Any) -> None:
    """Write how this attempt ended, unless another one has the job by now. Waits out a restart of PostgreSQL."""
    until = time.monotonic() + TIMING.lease.total_seconds()
    while True:
        try:
            with brief():
                row = pulse.row.select_for_update(of=("self",)).first()
                if row is None:
                    logger.warning("job %s: attempt %s came too late with its end", job.pk, job.attempts)
                elif state == Job.State.WAITING and row.cancel_asked_at is None:
                    again(job, **fields)
                elif state == Job.State.WAITING:
                    end(job, Job.State.CANCELLED)
                else:
                    end(job, state, **pulse.last_news(), **fields)
            return
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            connection.close()
            time.sleep(0.5)


def again(job: Job, **fields: Any) -> None:
    """Put a job whose row the caller has locked back among those that wait."""
    Job.objects.filter(pk=job.pk).update(state=Job.State.WAITING, lease_until=None, sent_at=None, **fields)
    job.state = Job.State.WAITING
    transaction.on_commit(lambda: live.changed(job.pk))


def end(job: Job, state: Job.State, *, by: Actor | None = None, **fields: Any) -> None:
    """Close a job whose row the caller has locked, and tell the journal and those who watch.

    What is done or failed is its owner's act. What is cancelled is the act of who stopped it: `by`, or the system.
    """
    Job.objects.filter(pk=job.pk).update(state=state, ended_at=Now(), lease_until=None, **fields)
    job.state = state
    begun = job.started_at
    took = f" after {(timezone.now() - begun).total_seconds():.1f} s" if begun else ""
    told = {"job": str(job.pk), "task": job.task}
    transaction.on_commit(lambda: logger.info("job %s (%s) %s%s", job.pk, job.task, state, took, extra=told))
    outcome = "failed" if state == Job.State.FAILED else "done"
    actor = by if state == Job.State.CANCELLED else job.owner
    audit.record(actor, f"jobs.job_{state}", job, outcome=outcome, task=job.task, attempt=job.attempts)
    telling.tell_owner(job)
    transaction.on_commit(lambda: live.changed(job.pk))


def too_long(task: registry.Task) -> str:
    minutes = max(1, round(task.limit.total_seconds() / 60))
    return _("It took longer than the %(minutes)s minutes allowed. Ask for less at once.") % {"minutes": minutes}


def in_words(error: Invalid | Conflict) -> str:
    """All that is wrong, one line each."""
    lines = [str(error.message)] if error.message else []
    if isinstance(error, Invalid):
        lines += [f"{fault.place}: {fault.message}" if fault.place else str(fault.message) for fault in error.faults]
    return "\n".join(lines)
