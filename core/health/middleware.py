"""One line in the log, and one span, for each request: its route, never its path or what was asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core import tracing
from core.logs import route_of

logger = logging.getLogger("suite.requests")

QUIET = ("/static/", "/healthz", "/readyz", "/metrics")
"""What machines ask all the time."""


class Requests:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(QUIET):
            return self.get_response(request)
        begun = time.perf_counter()
        with tracing.span(f"{request.method}", **{"http.request.method": str(request.method)}) as span:
            response = self.get_response(request)
            route = route_of(request)
            if span is not None:
                span.update_name(f"{request.method} {route}")
                span.set_attributes({"http.route": route, "http.response.status_code": response.status_code})
        milliseconds = round((time.perf_counter() - begun) * 1000)
        user = getattr(getattr(request, "_cached_user", None), "pk", None)  # who was asked for already: no query
        logger.info(
            "%s %s %s in %s ms",
            request.method,
            route,
            response.status_code,
            milliseconds,
            extra={
                "method": request.method,
                "route": route,
                "status": response.status_code,
                "milliseconds": milliseconds,
                "user": str(user) if user else None,
            },
        )
        return response
