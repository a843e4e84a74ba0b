"""End sessions in time, speak the person's language on any machine he uses, and leave nothing of his there."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from core.accounts import limits, signals


class SessionLimits:
    """A session that was left alone too long, or lasts too long, is over; what people do keeps it, polling doesn't."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if limits.left(request.session).seconds <= 0:
                signals.session_expired.send(SessionLimits, user=request.user)
                logout(request)
            elif limits.BACKGROUND not in request.headers:
                limits.note_use(request)
        return self.get_response(request)


class NothingKept:
    """What a signed-in person was shown stays in no cache: whoever has the browser next finds nothing by going back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response


class UserLanguage:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with translation.override(request.user.language):
            return self.get_response(request)
