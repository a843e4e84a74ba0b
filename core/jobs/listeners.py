"""Hear at once when somebody leaves: his jobs stop."""

from __future__ import annotations

from typing import Any

from core.access.models import Project
from core.access.signals import membership_ended
from core.accounts.models import User
from core.jobs import rights, services, sweeping
from core.jobs.models import Job


def connect() -> None:
    membership_ended.connect(on_membership_ended, dispatch_uid="jobs.membership_ended")


def on_membership_ended(*, user: User, project: Project | None, **_signal: Any) -> None:
    jobs = Job.objects.live().filter(owner=user, cancel_asked_at=None)
    for job in sweeping.locked(jobs.filter(project=project) if project else jobs):
        if reason := rights.lost(job):
            services.stop(job, None, reason)
