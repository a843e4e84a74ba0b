"""Ask for long work, stop it, try it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core import access, audit
from core.access.people import require_administrator
from core.access.scope import limits_of
from core.errors import Conflict
from core.jobs import execution, live, registry, rights, sending
from core.jobs.models import Job

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor
    from core.accounts.models import User


@transaction.atomic
def submit(
    actor: Actor,
    task: str,
    *,
    project: Project | None = None,
    arguments: dict[str, Any] | None = None,
    subject: models.Model | None = None,
    unique: str = "",
) -> Job:
    """Have a task done after this transaction, in the actor's name. The caller has checked that he may.

    With `unique`, only one such job of the project lives at a time: asked again, its owner gets the same job.
    Raises Conflict when it is somebody else's, LookupError for an unknown task.
    """
    declared = registry.get(task)
    if declared.needs and project is not None:
        access.require(actor, declared.needs, project, obj=subject)
    job = Job(
        task=task,
        project=project,
        owner_id=person(actor),
        permissions=left_to(actor),
        arguments=arguments or {},
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        unique=unique,
        queue=declared.queue,
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        same = Job.objects.live().filter(task=task, project=project, unique=unique).first() if unique else None
        if same is None:
            raise
        if same.owner_id != actor.pk:
            raise Conflict(_("This work is already under way, asked for by somebody else."), "job-live") from None
        return same
    audit.record(actor, "jobs.job_submitted", job, task=task)
    sending.on_commit(job)
    return job


@transaction.atomic
def cancel(actor: Actor, job: Job) -> Job:
    """Stop a job: at once if it waits, at its next report if it runs. Raises Conflict when it has ended."""
    rights.require_manage(actor, job)
    job = Job.objects.select_for_update(of=("self",)).select_related("owner", "project").get(pk=job.pk)
    if not job.is_live:
        raise Conflict(_("This job has already ended."), "job-ended")
    stop(job, actor)
    return job


@transaction.atomic
def stop_for_instance(actor: User, job: Job, reason: str = "") -> Job:
    """Stop anybody's job, as who runs the instance: one that hinders the others. Raises Conflict when it has ended."""
    require_administrator(actor, "jobs.manage_jobs")
    job = Job.objects.select_for_update(of=("self",)).select_related("owner", "project").get(pk=job.pk)
    if not job.is_live:
        raise Conflict(_("This job has already ended."), "job-ended")
    stop(job, actor, reason or _("An administrator of the instance stopped it."))
    return job


def left_to(actor: Actor) -> list[str] | None:
    """What the token that speaks leaves of its owner's rights; None where he asks in person."""
    limits = limits_of(actor)
    return sorted(limits.all_allowed()) if limits else None


def person(actor: Actor) -> UUID:
    """Long work is done in somebody's name. Raises PermissionDenied for nobody."""
    if actor.pk is None:
        raise PermissionDenied
    return actor.pk


def stop(job: Job, actor: Actor | None, reason: str = "") -> None:
    """Stop a live job whose row the caller has locked; `reason` tells its owner why."""
    if job.state == Job.State.WAITING:
        execution.end(job, Job.State.CANCELLED, by=actor, cancel_asked_at=Now(), error=reason)
    elif job.cancel_asked_at is None:
        Job.objects.filter(pk=job.pk).update(cancel_asked_at=Now(), error=reason)
        audit.record(actor, "jobs.job_cancel_asked", job, task=job.task, reason=reason)
        transaction.on_commit(lambda: live.changed(job.pk))
    job.refresh_from_db(fields=["state", "cancel_asked_at", "ended_at", "error"])


@transaction.atomic
def retry(actor: Actor, job: Job) -> Job:
    """Do a failed or cancelled job again, in its owner's name. Raises Conflict when it lives, is done or has a twin."""
    rights.require_manage(actor, job)
    job = Job.objects.select_for_update(of=("self",)).select_related("owner", "project").get(pk=job.pk)
    if job.state not in (Job.State.FAILED, Job.State.CANCELLED):
        raise Conflict(_("Only a job that failed or was cancelled can be tried again."), "job-not-ended")
    job.state = Job.State.WAITING
    job.spared = job.attempts
    job.ended_at = job.not_before = job.sent_at = job.cancel_asked_at = job.started_at = None
    job.error = job.reference = job.message = ""
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        raise Conflict(_("The same work is already under way."), "job-live") from None
    audit.record(actor, "jobs.job_retried", job, task=job.task)
    sending.on_commit(job)
    return job
