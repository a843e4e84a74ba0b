"""Send bytes piece by piece, whichever way the server asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header


def send(request: HttpRequest, pieces: Iterator[bytes], *, name: str, media_type: str) -> StreamingHttpResponse:
    """A download that is made while it is sent, in the language of now: the page's own is over by then.

    Behind ASGI, Django would otherwise gather all of it in memory.
    """
    spoken = in_language(pieces, translation.get_language())
    content = in_a_thread(spoken) if is_asgi(request) else spoken
    headers = {"Content-Disposition": content_disposition_header(True, name) or "", "Cache-Control": "no-store"}
    if media_type.startswith("text/") and "charset" not in media_type:
        media_type += "; charset=utf-8"
    return StreamingHttpResponse(content, content_type=media_type, headers=headers)


def is_asgi(request: HttpRequest) -> bool:
    """Also for the request that the REST framework wraps."""
    return isinstance(getattr(request, "_request", request), ASGIRequest)


def in_language(pieces: Iterator[bytes], language: str) -> Iterator[bytes]:
    """Each piece is made in this language; between two of them, whoever asks for them has his own."""
    try:
        while True:
            with translation.override(language):
                piece = following(pieces)
            if piece is None:
                return
            yield piece
    finally:
        if close := getattr(pieces, "close", None):
            close()


async def in_a_thread(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """All pieces are made in one thread, for a cursor belongs to a connection and a connection to a thread.

    What they hold open, the database's connection too, is closed when the client goes away.
    """
    worker = ThreadPoolExecutor(1, "stream")
    try:
        make = sync_to_async(following, thread_sensitive=False, executor=worker)
        while (piece := await make(pieces)) is not None:
            yield piece
    finally:
        await sync_to_async(end, thread_sensitive=False, executor=worker)(pieces)
        worker.shutdown(wait=False)


def following(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


def end(pieces: Iterator[bytes]) -> None:
    try:
        if close := getattr(pieces, "close", None):
            close()
    finally:
        connections.close_all()
