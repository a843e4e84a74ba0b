"""End a person's sessions: at the next request his browser is a stranger's."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models import F, QuerySet

from core.accounts import farewell, signals
from core.accounts.models import User


def end_all(user: User, why: farewell.Why | None = None) -> None:
    """Sign a person out everywhere, and tell him `why`. Whatever a session has open hears of its end at the commit."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    rows = list(UserSession.objects.filter(user=user))
    if rows and why:
        keys = [session.session_key for session in rows]
        transaction.on_commit(lambda: farewell.leave(keys, why), robust=True)
    for session in rows:
        session.end()


@transaction.atomic
def end_some(actor: User, chosen: QuerySet[UserSession]) -> int:
    """End some of one's own sessions, and say how many there were."""
    rows = list(chosen.filter(user=actor))
    for session in rows:
        session.end()
    if rows:
        signals.sessions_ended.send(UserSession, user=actor, count=len(rows))
    return len(rows)


def forget_expired() -> None:
    """Delete the rows of sessions that are over."""
    SessionStore.clear_expired()
    alive = SessionStore.get_model_class().objects.values("session_key")
    UserSession.objects.exclude(session_key__in=alive).delete()
