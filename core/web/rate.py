"""Pages draw from the same buckets as the API: a script that hammers them is told to wait."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.rest import limits

FREE = ("/api/v1/", "/healthz", "/readyz", "/metrics", "/i18n/")
"""The API counts by itself, once it knows the token; the others ask for little, and machines ask for them."""


class Rate:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(FREE):
            return self.get_response(request)
        taken = limits.take(limits.buckets_of(request.user), limits.READ)
        if taken is None or not taken.wait:
            return self.get_response(request)
        response = render(request, "429.html", {"wait": limits.TooMany(taken.wait).wait}, status=429)
        taken.write_headers(response)
        return response
