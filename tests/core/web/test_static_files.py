"""A built asset over the asynchronous server: sent whole once, then only said to be unchanged."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory
from pytest_django import Settings

from core.web.middleware import PIECE, StaticFiles

pytestmark = pytest.mark.django_db  # a closed answer looks after the connections

ASSET = b"x" * (2 * PIECE + 1)


@pytest.fixture
def static_files(tmp_path: Path, settings: Settings) -> StaticFiles:
    (tmp_path / "a.js").write_bytes(ASSET)
    settings.STATIC_ROOT, settings.STATIC_URL = tmp_path, "/static/"
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    return StaticFiles(lambda request: HttpResponse(status=HTTPStatus.NOT_FOUND))


@async_to_sync
async def body(response: StreamingHttpResponse) -> list[bytes]:
    pieces = [piece async for piece in response]
    await sync_to_async(response.close)()
    return pieces


def test_a_file_is_sent_piece_by_piece(static_files: StaticFiles) -> None:
    """No piece is larger than 64 KiB, and together they are the file."""
    response = static_files(AsyncRequestFactory().get("/static/a.js"))
    pieces = body(response)
    assert [len(piece) for piece in pieces] == [PIECE, PIECE, 1]
    assert b"".join(pieces) == ASSET


def test_a_file_that_the_browser_has_is_not_sent_again(static_files: StaticFiles) -> None:
    """304 and nothing more, which the server may wait for like any other body."""
    requests = AsyncRequestFactory()
    first = static_files(requests.get("/static/a.js"))
    first.close()
    response = static_files(requests.get("/static/a.js", headers={"if-modified-since": first.headers["Last-Modified"]}))
    assert response.status_code == HTTPStatus.NOT_MODIFIED
    assert body(response) == []
