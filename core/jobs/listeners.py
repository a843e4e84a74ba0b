"""Hear at once when somebody leaves: his jobs stop and his sockets close."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_delete
from django.utils.crypto import salted_hmac

from core.access.models import Project
from core.access.signals import membership_ended
from core.accounts.models import User
from core.jobs import live, rights, services, sweeping
from core.jobs.models import Job


def connect() -> None:
    membership_ended.connect(on_membership_ended, dispatch_uid="jobs.membership_ended")
    post_delete.connect(on_session_ended, sender=Session, dispatch_uid="jobs.session_ended")


def on_membership_ended(*, user: User, project: Project | None, **_signal: Any) -> None:
    jobs = Job.objects.live().filter(owner=user, cancel_asked_at=None)
    for job in sweeping.locked(jobs.filter(project=project) if project else jobs):
        if reason := rights.lost(job):
            services.stop(job, None, reason)
    transaction.on_commit(lambda: live.ring(live.person_group(user.pk), {"type": "rights.changed"}))


def on_session_ended(*, instance: Session, **_signal: Any) -> None:
    group = live.session_group(fingerprint(instance.session_key))
    transaction.on_commit(lambda: live.ring(group, {"type": "session.ended"}))


def fingerprint(session_key: str) -> str:
    """Names a session's group without telling the session."""
    return salted_hmac("core.jobs.session", session_key, algorithm="sha256").hexdigest()[:40]
