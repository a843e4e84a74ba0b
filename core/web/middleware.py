"""What stands before every page: no secret of a program in the clear, and static files beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import IO

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

from core.rest import problems

PIECE = 64 * 1024


class NothingInTheClear:
    """A program that speaks without TLS is told so and not led on: the token that it sent was there to be read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.HTTPS and not request.is_secure() and request.path.startswith(settings.FOR_PROGRAMS):
            title = _("Call this over https, and replace the token: what travels in the clear can be read.")
            return problems.plain(request, 403, "not-secure", title)
        return self.get_response(request)


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, whose files are read piece by piece in a thread where the server is asynchronous."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = super().__call__(request)
        if isinstance(request, ASGIRequest) and isinstance(response, FileResponse):
            response.streaming_content = pieces(response.file_to_stream)
        return response


async def pieces(file: IO[bytes] | None) -> AsyncIterator[bytes]:
    """What the answer holds: nothing where the browser has the file already."""
    while file and (piece := await asyncio.to_thread(file.read, PIECE)):
        yield piece
