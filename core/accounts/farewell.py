"""Say to a browser, once, why its session is over where somebody else ended it.

The words wait in the cache, under a digest of the session's key: with the cache only they are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

KEPT = 24 * 3600
"""Seconds for which a browser that is left open may still be told."""
MARK = "session_over"


class Why(StrEnum):
    """Why somebody else ended a person's sessions."""

    REMOVED = "removed"
    CLOSED = "closed"


WORDS = {
    Why.REMOVED: _("Your access to a project has been ended. Sign in again to see what you may still open."),
    Why.CLOSED: _("Your account has been closed. Ask those who administer the suite if you need it."),
}


def leave(session_keys: Iterable[str], why: Why) -> None:
    """Have the browsers that still hold these sessions told why they are over."""
    cache.set_many({place_of(key): str(why) for key in session_keys}, KEPT)


def place_of(session_key: str) -> str:
    digest = salted_hmac("core.accounts.farewell", session_key, algorithm="sha256").hexdigest()[:40]
    return f"farewell:{digest}"


def is_told(request: HttpRequest) -> bool:
    """Whether this very request learned that somebody else ended its session: its page is to be left."""
    return hasattr(request, MARK)


class Farewell:
    """The next page that the browser shows says it; programs, which show none, are told by their answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if key and not request.path.startswith("/api/") and not request.user.is_authenticated:
            place = place_of(key)
            if why := cache.get(place):
                cache.delete(place)
                setattr(request, MARK, True)
                messages.warning(request, str(WORDS[Why(why)]), extra_tags=MARK)
        return self.get_response(request)
