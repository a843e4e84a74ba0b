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


WASM_WORKER = "-wasm-worker.js"
"""How the script of a worker ends its name that compiles WebAssembly, which the policy of pages forbids.

A worker has the policy of its own answer: only such a one may, and nothing on a page.
"""


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, whose files are read piece by piece in a thread where the server is asynchronous."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = super().__call__(request)
        if request.path.startswith(settings.STATIC_URL) and request.path.endswith(WASM_WORKER):
            response._csp_update = {"script-src": ["'wasm-unsafe-eval'"]}  # type: ignore[attr-defined]
        if isinstance(request, ASGIRequest) and isinstance(response, FileResponse):
            response.streaming_content = pieces(response.file_to_stream)
        return response


async def pieces(file: IO[bytes] | None) -> AsyncIterator[bytes]:
    """What the answer holds: nothing where the browser has the file already."""
    while file and (piece := await asyncio.to_thread(file.read, PIECE)):
        yield piece
