"""End a person's sessions: at the next request his browser is a stranger's."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F

from core.accounts.models import User


def end_all(user: User) -> None:
    """Sign a person out everywhere. Whatever a session has open hears of its end when this is committed."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    for session in UserSession.objects.filter(user=user):
        session.end()


def forget_expired() -> None:
    """Delete the rows of sessions that are over."""
    SessionStore.clear_expired()
