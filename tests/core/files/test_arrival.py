"""How much a request may send, by where it goes and who sends it."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import RequestAborted, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver

from core import tool
from core.files import arrival, drafts, storage
from core.files.arrival import Arrival
from core.files.uploads import Door, Spool, Unread

PIECE = b"Jeanne Le Gall;71;sepsis\n" * 40_000
SMALL = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
UPLOAD = "/projects/etude/datasets/new/file/"
API = "/api/v1/datasets/upload/"
SESSION = {"cookie": "csrftoken=x; sessionid=abc"}


@pytest.fixture(autouse=True)
def _much_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """No project that these requests name stores anything."""
    monkeypatch.setattr(Arrival, "room", lambda _arrival, _slug: (arrival.LARGEST, RequestDataTooBig()))


def known(request: HttpRequest) -> bool:
    return request.COOKIES.get("sessionid") == "abc"


class Client:
    """Sends the pieces it was given as the server asks for them, and keeps what is answered."""

    def __init__(self, *pieces: bytes, path: str = UPLOAD, end: bool = True, **headers: str) -> None:
        self.waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        last = {"type": "http.request", "body": b"", "more_body": False}
        self.waiting.append(last if end else {"type": "http.disconnect"})
        self.scope = {
            "type": "http", "method": "POST", "path": path, "query_string": b"", "client": ("192.0.2.1", 1),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in
                        {"host": "testserver", **headers}.items()],
        }  # fmt: skip
        self.answered: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if not self.waiting:
            await asyncio.Event().wait()  # as long as the client waits for the answer
        return self.waiting.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.answered.append(message)

    def body(self) -> Any:
        return asyncio.run(Door(known, at_once=1).read_body(Arrival(self.scope, self.receive, known)))

    def answer(self) -> tuple[int, dict[bytes, bytes], bytes]:
        asyncio.run(Door(known, at_once=1)(self.scope, self.receive, self.send))
        start, *rest = self.answered
        return start["status"], dict(start["headers"]), b"".join(message["body"] for message in rest)


def test_a_body_is_spooled():
    """The server keeps the body of a request in a spool, not in a clear temporary file."""
    body = Client(PIECE, PIECE).body()
    assert isinstance(body, Spool)
    assert body.read() == PIECE * 2
    body.close()


def test_a_sender_who_goes_away(disk):
    """When the client disconnects in the middle, what came is dropped."""
    with pytest.raises(RequestAborted):
        Client(PIECE, PIECE, end=False).body()
    assert list(storage.drafts().iterdir()) == []


@pytest.mark.parametrize("path", [UPLOAD, API], ids=["page", "api"])
def test_who_signed_in_sends_a_large_file(path):
    """To an address that takes files, who is known sends much, in pieces or announced."""
    for length in ({}, {"content_length": str(7 * len(PIECE))}):
        body = Client(*[PIECE] * 7, path=path, **SESSION, **length).body()
        assert body.size == 7 * len(PIECE) > SMALL
        body.close()


@pytest.mark.parametrize(
    ("path", "headers"),
    [(UPLOAD, {}), (UPLOAD, {"cookie": "sessionid=forged"}), ("/", SESSION), ("/nowhere", SESSION)],
    ids=["stranger", "forged", "other page", "no page"],
)
def test_others_send_little(path, headers, disk):
    """A stranger, and anybody elsewhere, sends as much as a form holds; reading stops there."""
    client = Client(*[PIECE] * 100, path=path, **headers)
    assert isinstance(client.body(), Unread)
    assert len(client.waiting) >= 95
    assert list(storage.drafts().iterdir()) == []


def test_an_announced_body_is_refused_unread():
    """Where the Content-Length says too much, not a byte is taken."""
    client = Client(PIECE, content_length=str(SMALL + 1))
    assert isinstance(client.body(), Unread)
    assert len(client.waiting) == 2


def test_nobody_sends_more_than_the_largest(monkeypatch):
    """Past the limit of files, reading stops for everybody."""
    monkeypatch.setattr(Arrival, "room", lambda _arrival, _slug: (6 * len(PIECE), RequestDataTooBig()))
    client = Client(*[PIECE] * 100, **SESSION)
    assert isinstance(client.body(), Unread)
    assert len(client.waiting) == 94


@pytest.mark.parametrize("headers", [{}, {"content_length": str(SMALL + 1)}], ids=["pieces", "announced"])
def test_the_refusal_is_a_page(headers):
    """A browser gets 413 as a page, with the headers of every page, and the connection ends."""
    status, answered, page = Client(*[PIECE] * 9, accept_language="en", **headers).answer()
    assert status == 413
    assert "This is too large to be sent" in page.decode()
    assert answered[b"Connection"] == b"close"
    assert {b"Content-Security-Policy", b"X-Request-ID"} <= set(answered)


@pytest.mark.parametrize("path", [UPLOAD, API], ids=["page", "api"])
def test_a_project_without_room_says_so(monkeypatch, path):
    """Where it is the project that has no room, nothing is read, and who may know hears why: 413."""

    class NoRoomHere(RequestDataTooBig):
        def words_for(self, reader: Any) -> str:
            return "9 of 10 are used"

    monkeypatch.setattr(Arrival, "room", lambda _arrival, _slug: (SMALL + 1, NoRoomHere()))
    client = Client(PIECE, path=path, content_length=str(SMALL + 2), **SESSION)
    status, _answered, body = client.answer()
    assert (status, len(client.waiting)) == (413, 2)
    assert b"9 of 10 are used" in body


def test_the_refusal_is_a_problem():
    """A program gets 413 as a problem."""
    status, answered, problem = Client(path=API, content_length=str(SMALL + 1)).answer()
    assert (status, answered[b"Content-Type"]) == (413, b"application/problem+json")
    assert b"urn:suite-interhop:problem:too-large" in problem


@pytest.mark.parametrize("when", ["writing", "reading back"])
@pytest.mark.parametrize(("path", "found"), [(UPLOAD, "There is no room left"), (API, "problem:no-room")])
def test_a_full_disk(monkeypatch, disk, path, found, when):
    """Where no room is left on the disk for what is sent, that is said, as a page or a problem; nothing stays."""
    write = drafts.Whole.write

    def full(file: drafts.Whole, data: memoryview) -> int:
        if when == "writing" or len(data) < 1 << 20:  # a chunk that isn't whole is the last one
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, data)

    monkeypatch.setattr(drafts.Whole, "write", full)
    client = Client(*[PIECE] * (20 if when == "writing" else 3), path=path, accept_language="en", **SESSION)
    status, answered, body = client.answer()
    assert (status, answered[b"Connection"]) == (507, b"close")
    assert found in body.decode()
    assert list(storage.drafts().iterdir()) == []


def test_the_disk_does_not_hold_the_others_up(monkeypatch):
    """What goes to disk is written in another thread than the one that serves everybody."""
    threads, write = set(), Spool.write

    def noted(spool: Spool, data: bytes) -> int:
        if spool.size + len(data) > 1 << 20:
            threads.add(threading.get_ident())
        return write(spool, data)

    monkeypatch.setattr(Spool, "write", noted)
    Client(PIECE, PIECE).body().close()
    assert threads
    assert threading.get_ident() not in threads


def test_small_requests_are_answered(monkeypatch):
    """What is within the bound goes on to the page with all its bytes."""

    async def answer(door: Door, request: Any) -> HttpResponse:
        return HttpResponse(request.body)

    monkeypatch.setattr(Door, "get_response_async", answer)
    assert Client(b"a=", b"1", path="/").answer()[::2] == (200, b"a=1")


def test_the_addresses_of_uploads_exist():
    """Each address that an app declares to take files is one."""
    for name in tool.uploads():
        *spaces, last = name.split(":")
        resolver = get_resolver()
        for space in spaces:
            resolver = resolver.namespace_dict[space][1]
        assert last in resolver.reverse_dict
