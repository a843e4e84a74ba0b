"""How many requests a process answers at the same time."""

from __future__ import annotations

import asyncio
import io
import threading
from typing import Any

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse

from core.files import uploads
from core.files.uploads import Door
from tests.core.files.test_arrival import Client

AT_ONCE, PEOPLE = 3, 12


class Counting(Door):
    """Says how many were answered at the same time, and in which threads."""

    def __init__(self) -> None:
        super().__init__(lambda _request: True, AT_ONCE)
        self.lock, self.now, self.most = threading.Lock(), 0, 0
        self.go_on = threading.Event()

    def get_response(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return HttpResponse()
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.go_on.wait(20)
        with self.lock:
            self.now -= 1
        return HttpResponse()


def call(door: Door, path: str) -> tuple[Client, asyncio.Task[Any]]:
    client = Client(path=path)
    client.scope["method"] = "GET"
    return client, asyncio.create_task(door(client.scope, client.receive, client.send))


async def until(true: Any) -> None:
    for _time in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came")


def test_no_more_at_once_than_there_is_room_for():
    """The others wait for their turn; what watches the process never waits, and who leaves frees his place."""

    async def story() -> None:
        door = Counting()
        calls = [call(door, "/") for _person in range(PEOPLE)]
        await until(lambda: door.now == AT_ONCE)
        watcher, watching = call(door, "/healthz")
        await asyncio.wait_for(watching, 10)
        assert watcher.answered[0]["status"] == 200
        assert door.now == AT_ONCE
        gone, leaving = call(door, "/")
        gone.waiting.append({"type": "http.disconnect"})
        await asyncio.wait_for(leaving, 10)
        assert gone.answered == []
        door.go_on.set()
        await asyncio.wait_for(asyncio.gather(*(task for _client, task in calls)), 20)
        assert [client.answered[0]["status"] for client, _task in calls] == [200] * PEOPLE
        assert door.most == AT_ONCE

    asyncio.run(story())


class Leaving(Client):
    """Leaves when it is told to, while its answer is made."""

    def __init__(self) -> None:
        super().__init__(path="/")
        self.scope["method"] = "GET"
        self.leave = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if not self.waiting:
            await self.leave.wait()
            return {"type": "http.disconnect"}
        return await super().receive()


def test_what_was_made_for_somebody_who_left_is_closed():
    """A file that was about to be sent doesn't stay open, and a thread keeps its place until it is done."""
    file = io.BytesIO(b"content")

    class Sending(Counting):
        def get_response(self, request: HttpRequest) -> HttpResponse:
            super().get_response(request)
            return FileResponse(file)

    async def story() -> None:
        door, client = Sending(), Leaving()
        answering = asyncio.create_task(door(client.scope, client.receive, client.send))
        await until(lambda: door.now == 1)
        client.leave.set()
        await asyncio.sleep(0.1)
        assert door.room._value == AT_ONCE - 1
        door.go_on.set()
        await asyncio.wait_for(answering, 20)
        assert file.closed
        assert client.answered == []
        assert door.room._value == AT_ONCE

    asyncio.run(story())


def test_a_page_is_answered_in_one_thread(monkeypatch: pytest.MonkeyPatch):
    """Between the door and the page nothing goes back to the loop, and no connection is held once it is made."""
    seen: list[tuple[str, int]] = []

    def answer(_request: HttpRequest) -> HttpResponse:
        seen.append(("asked", threading.get_ident()))
        return HttpResponse()

    monkeypatch.setattr(uploads, "close_old_connections", lambda: seen.append(("closed", threading.get_ident())))
    door = Door(lambda _request: True, AT_ONCE)
    assert not asyncio.iscoroutinefunction(door._middleware_chain)
    door._middleware_chain = answer
    client = Client(path="/")
    client.scope["method"] = "GET"
    asyncio.run(door(client.scope, client.receive, client.send))
    assert client.answered[0]["status"] == 200
    (asked, there), (closed, here) = seen
    assert (asked, closed) == ("asked", "closed")
    assert there == here != threading.get_ident()
