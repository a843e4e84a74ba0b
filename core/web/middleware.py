"""Serve the static files without holding the server's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import IO

from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

PIECE = 64 * 1024


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, whose files are read piece by piece in a thread where the server is asynchronous."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = super().__call__(request)
        if isinstance(request, ASGIRequest) and isinstance(response, FileResponse) and response.file_to_stream:
            response.streaming_content = pieces(response.file_to_stream)
        return response


async def pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(file.read, PIECE):
        yield piece
