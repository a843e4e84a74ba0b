"""Give every request an id, which its events, its log lines and its answer carry."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse

from core.context import Context, current


class RequestContext:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        channel = "api" if request.path.startswith("/api/") else "page"
        context = Context(uuid.uuid4().hex, get_adapter(request).get_client_ip(request), channel)
        mark = current.set(context)
        try:
            response = self.get_response(request)
        finally:
            current.reset(mark)
        response["X-Request-ID"] = context.request_id
        return response
