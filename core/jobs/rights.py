"""Whether the owner of a job may still have it done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _

from core import access
from core.access.scope import Limits, limits_of
from core.jobs import registry
from core.jobs.models import Job, Schedule

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.accounts.models import User


def lost(job: Job | Schedule) -> str:
    """Why the owner may no longer have this done, in words; empty while he may."""
    task = registry.find(job.task)
    if not job.owner.is_active:
        return _("The account of the person who asked for it is closed.")
    if job.project is None:
        return ""
    held = access.abilities(job.owner, job.project)
    if "access.view_project" not in held or (task and task.needs and task.needs not in held):
        return _("The person who asked for it no longer has the right to it.")
    return ""


def as_asked(job: Job | Schedule) -> User:
    """The owner, with no more rights than the token had with which he asked: outside a project, none."""
    actor = job.owner
    if job.permissions is not None:
        actor.limits = Limits(job.project_id, frozenset(job.permissions if job.project_id else ()))
    return actor


def may_manage(actor: Actor, job: Job) -> bool:
    """One may cancel and retry one's own jobs, and everybody's with the permission for it."""
    own = job.owner_id == actor.pk and job.is_within(limits_of(actor))
    return own or (job.project is not None and access.can(actor, "jobs.manage_jobs", job.project))


class Acts(NamedTuple):
    """What a person may do with a job as it is now."""

    cancel: bool
    retry: bool


def acts(actor: Actor, job: Job) -> Acts:
    if job.state == Job.State.DONE or job.is_stopping or not may_manage(actor, job):
        return Acts(cancel=False, retry=False)
    return Acts(cancel=job.is_live, retry=not job.is_live)


def require_manage(actor: Actor, job: Job) -> None:
    if may_manage(actor, job):
        return
    if job.project is None:
        raise access.Refused(actor, "jobs.manage_jobs", None, job)
    access.require(actor, "jobs.manage_jobs", job.project, obj=job)
