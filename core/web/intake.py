"""Before any page or resource sees a request: is it one that can be worked with at all?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from core.db import UNSTORABLE
from core.web.errors import bad_request


class Intake:
    """What is too large, or finds no room, was not read: 413, 507.

    Characters that no text holds are 400, in the address, the cookies or a form.

    What a body sent to the API holds is looked at by `core.rest.parsers`, by the same rule.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if unread := getattr(request, "unread", None):
            return bad_request(request, unread)
        query = request.META.get("QUERY_STRING", "").replace("%00", "\0")
        return refusal(request, request.path, query, *request.COOKIES.values()) or self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Later than CSRF and the sign-in: a stranger's form isn't even read."""
        if request.path.startswith("/api/"):
            return None
        return refusal(request, *request.POST, *(value for _name, values in request.POST.lists() for value in values))


def refusal(request: HttpRequest, *values: str) -> HttpResponse | None:
    """The answer where one of them can't be stored; not raised, so that it doesn't fill the log with traces."""
    try:
        only_text(*values)
    except BadRequest as error:
        return bad_request(request, error)
    return None


def only_text(*values: str) -> None:
    """Raises BadRequest where one of them can't be stored."""
    if any(UNSTORABLE.search(value) for value in values):
        raise BadRequest("Characters that no text holds.")
