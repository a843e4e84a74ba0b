"""Send bytes piece by piece, whichever way the server asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


def send(request: HttpRequest, pieces: Iterator[bytes], *, name: str, media_type: str) -> StreamingHttpResponse:
    """A download that is made while it is sent. Behind ASGI, Django would otherwise gather all of it in memory."""
    content = in_threads(pieces) if is_asgi(request) else pieces
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(content, content_type=media_type, headers=headers)


def is_asgi(request: HttpRequest) -> bool:
    """Also for the request that the REST framework wraps."""
    return isinstance(getattr(request, "_request", request), ASGIRequest)


async def in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each piece is made in a thread; what the iterator holds open is closed when the client goes away."""
    try:
        while (piece := await sync_to_async(following, thread_sensitive=False)(pieces)) is not None:
            yield piece
    finally:
        if close := getattr(pieces, "close", None):
            await sync_to_async(close, thread_sensitive=False)()


def following(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
