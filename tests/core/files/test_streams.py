"""Downloads that are made while they are sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http import HttpRequest, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from django.utils import translation
from django.utils.translation import gettext as _

from core.files import streams


class Source:
    """Three words, with what was held while they were made."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.connection: Any = None
        self.closed = False

    def pieces(self) -> Iterator[bytes]:
        try:
            for _number in range(3):
                self.threads.add(threading.get_ident())
                yield f"{_('yes')} ".encode()
        finally:
            self.closed = True

    def rows(self) -> Iterator[bytes]:
        self.connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        yield from self.pieces()


def send(request: HttpRequest, pieces: Iterator[bytes]) -> StreamingHttpResponse:
    with translation.override("fr"):
        return streams.send(request, pieces, name="a.txt", media_type="text/plain")


async def received(response: StreamingHttpResponse, most: int = 10) -> bytes:
    found, parts = b"", aiter(response)
    while most and (part := await anext(parts, None)) is not None:
        found, most = found + part, most - 1
    await parts.aclose()
    return found


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_language_of_the_page_is_kept(language: str) -> None:
    """What is made later speaks as the page did, and whoever sends it keeps his own language."""
    with translation.override(language):
        assert b"".join(send(RequestFactory().get("/"), Source().pieces())) == b"oui oui oui "
        assert async_to_sync(received)(send(AsyncRequestFactory().get("/"), Source().pieces())) == b"oui oui oui "
        assert translation.get_language() == language


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most", [1, 10], ids=["cut off", "whole"])
def test_one_thread_makes_it_and_leaves_nothing_open(most: int) -> None:
    """All is made in one thread, another than the server's; at the end, or when the client leaves, all is closed."""
    source = Source()
    async_to_sync(received)(send(AsyncRequestFactory().get("/"), source.rows()), most)
    assert len(source.threads - {threading.get_ident()}) == 1
    assert source.closed
    assert source.connection is not connections[DEFAULT_DB_ALIAS]
    assert source.connection.connection is None
