"""What went wrong, in words: as a page or, below /api/, as a problem."""

from __future__ import annotations

import sys
from collections.abc import Callable

import psycopg
import redis
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import defaults

from core.errors import Away, Conflict, NoRoom
from core.rest import problems

AGAIN = 30
"""Seconds after which it is worth trying again while a server is away."""
AWAY = ("08", "57P0", "53300")
"""Beginnings of PostgreSQL's codes for: no connection, shutting down or starting, too many connections."""
FULL = "53100"
UNUSABLE = {400: "400.html", 413: "413.html", 507: "507.html"}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, 413 for what is too large, 507 where there is no room for it. Nothing of the request is used to say so."""
    if request.path.startswith("/api/"):
        return problems.unusable(request, exception)
    status = problems.status_of(exception)
    page = render_to_string(
        UNUSABLE[status], {"LANGUAGE_CODE": get_language(), "why": problems.why(request, exception)}
    )
    return HttpResponse(page, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, also where no address of the API is like this."""
    if request.path.startswith("/api/"):
        return problems.not_found(request)
    return defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """What nobody foresaw: 500. Where only a server is away or busy, 503 and when to try again; a full disk, 507."""
    error = sys.exc_info()[1]
    if is_full(error):
        return bad_request(request, NoRoom())
    if not is_away(error):
        if request.path.startswith("/api/"):
            return problems.plain(request, 500, "failed", _("The server couldn’t do this. Nothing was changed."))
        return defaults.server_error(request)
    if request.path.startswith("/api/"):
        title = _("A server that this needs is away or busy. Try again in a moment.")
        response: HttpResponse = problems.plain(request, 503, "unavailable", title)
    else:
        response = HttpResponse(render_to_string("unavailable.html"), status=503)
    response["Retry-After"] = str(AGAIN)
    return response


def is_away(error: BaseException | None) -> bool:
    """Whether a server can't be reached, restarts, or has no connection left: it comes back by itself."""
    if isinstance(error, Away | redis.ConnectionError | redis.TimeoutError):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    code = code_of(error)
    return code.startswith(AWAY) if code else isinstance(error.__cause__, psycopg.Error)


def is_full(error: BaseException | None) -> bool:
    """Whether the disk of PostgreSQL is full: the act was rolled back whole."""
    return isinstance(error, OperationalError) and code_of(error) == FULL


def code_of(error: BaseException) -> str:
    """PostgreSQL's code of what went wrong; none where the connection itself did."""
    return getattr(error.__cause__, "sqlstate", None) or ""


class Conflicts:
    """A Conflict that a page doesn't tell in its own way is told by a page of its own: 409."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Conflict):
            return None
        return render(request, "409.html", {"message": error.message}, status=409)
