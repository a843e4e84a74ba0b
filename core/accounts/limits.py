"""How long a session lasts: a while after its last use, a day's work in all; and how many one person has open."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from core.accounts import signals
from core.accounts.devices import device
from core.accounts.models import User

BEGAN, USED = "session_began", "session_used"
BACKGROUND = "X-Background"
"""Sent by our scripts with what nobody asked for: polling, checks of the session. It is no use of the session."""
AHEAD = 5 * 60
"""Seconds by which a session's last use may seem to lie ahead: the clocks of two servers differ by less."""
EVERY = 60
"""Seconds between two notes of a session's use: a page makes several requests."""
NOTICE = 5 * 60
"""Seconds before the end at which one is told, where sessions last long enough."""


@dataclass(frozen=True)
class Left:
    """Seconds that a session still has: until it has been idle too long, and whatever one does."""

    idle: int
    longest: int

    @property
    def seconds(self) -> int:
        return max(0, min(self.idle, self.longest))


def left(session: Any) -> Left:
    """A session that has no dates yet begins now. One from the future is over: the clock was put back."""
    now = time.time()
    used, began = session.get(USED, now), session.get(BEGAN, now)
    if max(used, began) > now + AHEAD:
        return Left(0, 0)
    return Left(int(used + settings.SESSION_COOKIE_AGE - now), int(began + settings.SESSION_LONGEST - now))


def notice() -> int:
    """How many seconds before its end a session is announced to end."""
    return min(NOTICE, int(settings.SESSION_COOKIE_AGE) // 3)


def note_use(request: HttpRequest) -> None:
    """Somebody is there: the session starts its rest anew. At its first use it is listed with the others."""
    now = int(time.time())
    used = request.session.get(USED)
    if used is not None and now - used < EVERY:
        return
    request.session.setdefault(BEGAN, now)
    request.session[USED] = now
    with transaction.atomic():
        if used is None:
            crowd_out(request)
        UserSession.objects.create_from_request(request)


def crowd_out(request: HttpRequest) -> None:
    """Where this session would be one too many, the one that was used least recently ends. Two at once wait here."""
    user = User.objects.select_for_update(no_key=True).get(pk=str(request.user.pk))
    others = UserSession.objects.purge_and_list(user)
    others = [session for session in others if session.session_key != request.session.session_key]
    others.sort(key=lambda session: session.last_seen_at)
    for session in others[: max(0, len(others) + 1 - settings.SESSIONS_AT_MOST)]:
        session.end()
        signals.session_crowded_out.send(UserSession, user=user, device=device(session.user_agent))


def on_signed_in(*, request: HttpRequest, **_signal: Any) -> None:
    """A new session begins, also where the browser had one before."""
    request.session[BEGAN] = int(time.time())
    request.session.pop(USED, None)
