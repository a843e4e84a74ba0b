"""What went wrong, in words: as a page or, below /api/, as a problem."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views import defaults

from core.errors import Conflict
from core.rest import problems

UNUSABLE = {400: "400.html", 413: "413.html", 507: "507.html"}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, 413 for what is too large, 507 where there is no room for it. Nothing of the request is used to say so."""
    if request.path.startswith("/api/"):
        return problems.unusable(request, exception)
    status = problems.status_of(exception)
    page = render_to_string(UNUSABLE[status], {"LANGUAGE_CODE": get_language()})
    return HttpResponse(page, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, also where no address of the API is like this."""
    if request.path.startswith("/api/"):
        return problems.not_found(request)
    return defaults.page_not_found(request, exception)


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
