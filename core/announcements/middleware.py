"""While the suite is maintained: readers read, or nobody comes in but its administrators."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from core.announcements import services
from core.announcements.models import Maintenance
from core.rest import problems

MAILS = ("/notices/unsubscribe/",)
OPEN = ("/accounts/", "/static/", "/healthz", "/readyz", "/metrics", "/i18n/", "/session/", "/language/", *MAILS)
"""What stays open: the way in for administrators, and what machines ask."""
SAFE = ("GET", "HEAD", "OPTIONS")
WAIT = 600
"""Seconds after which one may ask again, where no end is told."""


class Closed:
    """Answers 503 in words, or as a problem, with the time after which one may come back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(OPEN):
            return self.get_response(request)
        now = services.maintenance()
        if now.mode == Maintenance.Mode.OFF or (now.mode == Maintenance.Mode.READS and request.method in SAFE):
            return self.get_response(request)
        if getattr(request.user, "is_administrator", False) and request.user.is_active:
            return self.get_response(request)
        return refusal(request, now)


def refusal(request: HttpRequest, now: Maintenance) -> HttpResponse:
    if request.path.startswith("/api/"):
        title = _("The suite is being maintained. Try again later.")
        response: HttpResponse = problems.plain(request, 503, "maintenance", title)
    else:
        response = render(request, "announcements/closed.html", {"maintenance": now}, status=503)
    wait = int((now.until - timezone.now()).total_seconds()) if now.until else WAIT
    response["Retry-After"] = str(max(60, wait))
    patch_cache_control(response, no_store=True)
    return response
