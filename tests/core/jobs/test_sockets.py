"""Live progress: only for those who may see the job, and only as long as they may."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.db import connection
from django.test import Client
from django.utils import timezone

from core import bells, jobs
from core.access import services as access_services
from core.access.demo import World, build
from core.access.models import Membership, Organisation
from core.accounts import limits
from core.config.asgi import application
from core.jobs import live
from core.jobs.models import Job
from tests.core.jobs.conftest import Declare


@pytest.fixture
def watched(transactional_db: None, declare: Declare) -> tuple[World, Job]:
    world = build()
    name = declare(lambda run: None)
    return world, Job.objects.create(task=name, owner=world.user["member"], project=world.project, queue="default")


def signed_in(world: World, who: str) -> Client:
    client = Client()
    if who != "anonymous":
        client.force_login(world.user[who])
    return client


class Socket(ApplicationCommunicator):
    """The browser's end of a socket."""

    def __init__(self, client: Client, job: Job, origin: str = "http://localhost") -> None:
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        headers = [(b"origin", origin.encode()), (b"host", b"localhost"), (b"cookie", cookie.encode())]
        path = f"/ws/jobs/{job.pk}/"
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
        super().__init__(application, scope)

    async def connect(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(10))["type"] == "websocket.accept"

    async def heard(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads((await self.receive_output(10))["text"])
        return message

    async def closed(self) -> int:
        """Why it was closed."""
        while (message := await self.receive_output(10))["type"] != "websocket.close":
            pass
        await self.leave()  # as the server does: nothing of it is under way when the tables are emptied
        return int(message["code"])

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(10)


async def opened(client: Client, job: Job) -> Socket:
    socket = Socket(client, job)
    assert await socket.connect()
    return socket


def run(story: Callable[[], Awaitable[None]]) -> None:
    """In an event loop of its own, with time enough for a slow machine."""
    asyncio.run(asyncio.wait_for(story(), 30))


@pytest.mark.parametrize(
    ("who", "sees"),
    [("member", True), ("owner", True), ("researcher", False), ("stranger", False), ("anonymous", False)],
)
def test_who_may_listen(watched: tuple[World, Job], who: str, sees: bool) -> None:
    """The owner and those who look after the project hear of a job; to others there is no such job."""
    world, job = watched
    client = signed_in(world, who)

    async def story() -> None:
        socket = await opened(client, job)
        if sees:
            assert (await socket.heard())["job"] == str(job.pk)
            await socket.leave()
        else:
            assert await socket.closed() == (4401 if who == "anonymous" else 4404)

    run(story)


def test_a_change_rings_with_numbers_only(watched: tuple[World, Job]) -> None:
    """What travels is the job's id and numbers: no words, which may be another language's or another's business."""
    world, job = watched
    client = signed_in(world, "member")

    async def story() -> None:
        socket = await opened(client, job)
        await socket.heard()
        await Job.objects.filter(pk=job.pk).aupdate(done=3, total=10, message="Reading")
        await sync_to_async(live.changed)(job.pk)
        assert await socket.heard() == {"job": str(job.pk), "attempt": 0, "done": 3, "total": 10}
        await socket.leave()

    run(story)


def test_a_socket_that_heard_nothing_for_long(watched: tuple[World, Job]) -> None:
    """While nothing happens it stays open, and still hears what happens then."""
    world, job = watched
    client = signed_in(world, "member")

    async def story() -> None:
        socket = await opened(client, job)
        await socket.heard()
        await asyncio.sleep(6)  # longer than redis-py waits for an answer
        await sync_to_async(live.changed)(job.pk)
        assert (await socket.heard())["job"] == str(job.pk)
        await socket.leave()

    run(story)


def test_a_removed_member_hears_nothing_more(watched: tuple[World, Job]) -> None:
    """His socket closes at the moment he is removed."""
    world, job = watched
    client = signed_in(world, "member")

    async def story() -> None:
        socket = await opened(client, job)
        await socket.heard()
        membership = await Membership.objects.aget(user=world.user["member"])
        await sync_to_async(access_services.end_membership)(world.user["owner"], membership)
        assert await socket.closed() in (4401, 4404)

    run(story)


def test_an_expired_member_hears_nothing_more(watched: tuple[World, Job]) -> None:
    """A membership that has simply run out is noticed before anything is said."""
    world, job = watched
    client = signed_in(world, "member")

    async def story() -> None:
        socket = await opened(client, job)
        await socket.heard()
        await Membership.objects.filter(user=world.user["member"]).aupdate(ends_at=timezone.now())
        await sync_to_async(live.changed)(job.pk)
        assert await socket.closed() == 4404

    run(story)


def test_a_session_that_is_over_hears_nothing_more(watched: tuple[World, Job]) -> None:
    """A session that was left alone too long, or whose password was changed, is noticed before anything is said."""
    world, job = watched
    idle, changed = signed_in(world, "owner"), signed_in(world, "member")

    def leave_alone() -> None:
        session = idle.session
        session[limits.USED] = session[limits.BEGAN] = 1
        session.save()

    def change_password() -> None:
        world.user["member"].set_password("une autre phrase longue")
        world.user["member"].save()

    async def story() -> None:
        for client, act in ((idle, leave_alone), (changed, change_password)):
            socket = await opened(client, job)
            await socket.heard()
            await sync_to_async(act)()
            await sync_to_async(live.changed)(job.pk)
            assert await socket.closed() == 4401

    run(story)


def test_who_lacks_a_second_factor_hears_nothing(watched: tuple[World, Job]) -> None:
    """Where an organisation asks for a second factor, sockets ask for it as pages do."""
    world, job = watched
    Authenticator.objects.filter(user=world.user["member"]).delete()
    client = signed_in(world, "member")

    async def story() -> None:
        await Organisation.objects.aupdate(requires_second_factor=False)
        socket = await opened(client, job)
        await socket.heard()
        await Organisation.objects.aupdate(requires_second_factor=True)
        await sync_to_async(live.changed)(job.pk)
        assert await socket.closed() == 4404
        assert await (await opened(client, job)).closed() == 4404

    run(story)


def test_signing_out_closes_the_socket(watched: tuple[World, Job]) -> None:
    """The socket ends with its session, and those of other sessions stay."""
    world, job = watched
    client, other = signed_in(world, "member"), signed_in(world, "member")

    async def story() -> None:
        socket, stays = await opened(client, job), await opened(other, job)
        await socket.heard()
        await stays.heard()
        await sync_to_async(client.logout)()
        assert await socket.closed() == 4401
        await sync_to_async(live.changed)(job.pk)
        assert (await stays.heard())["job"] == str(job.pk)
        await stays.leave()

    run(story)


def test_another_site_may_not_listen(watched: tuple[World, Job]) -> None:
    """A page of somebody else's site can't open a socket in the reader's name."""
    world, job = watched
    client = signed_in(world, "member")

    async def story() -> None:
        assert not await Socket(client, job, "https://elsewhere.example").connect()

    run(story)


def test_a_job_still_goes_on_without_valkey(watched: tuple[World, Job], monkeypatch: pytest.MonkeyPatch) -> None:
    """Who can't be told live is not told; the work is done all the same."""
    _world, job = watched

    def away(*_arguments: Any) -> Any:
        raise ConnectionError

    monkeypatch.setattr(bells, "async_to_sync", lambda _send: away)
    assert jobs.run_waiting() == 1
    job.refresh_from_db()
    assert job.state == "done"


def test_a_command_waits_for_the_bell(watched: tuple[World, Job]) -> None:
    """Who waits for a job that another process does hears of each change at once, and comes back when it is over."""
    _world, job = watched
    heard: list[int] = []

    def tell(row: Job) -> None:
        heard.append(row.done)
        assert len(heard) < 3
        threading.Thread(target=go_on, args=(row,)).start()

    def go_on(row: Job) -> None:
        over = {"state": Job.State.DONE, "ended_at": timezone.now()} if row.done else {}
        Job.objects.filter(pk=row.pk).update(done=row.done + 1, **over)
        live.changed(row.pk)
        connection.close()

    began = time.monotonic()
    assert live.until_over(job, tell).state == Job.State.DONE
    assert heard == [0, 1]
    assert time.monotonic() - began < live.QUIET
