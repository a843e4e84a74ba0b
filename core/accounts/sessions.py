"""End a person's sessions: at the next request his browser is a stranger's."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F

from core.accounts.models import User


def group(user: User) -> str:
    """The Channels group of all sockets that a person has open."""
    return f"user.{user.pk.hex}"


def end_all(user: User) -> None:
    """Sign a person out everywhere and close his open sockets."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    for session in UserSession.objects.filter(user=user):
        session.end()
    async_to_sync(get_channel_layer().group_send)(group(user), {"type": "session.ended"})


def forget_expired() -> None:
    """Delete the rows of sessions that are over."""
    SessionStore.clear_expired()
