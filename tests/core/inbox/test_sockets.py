"""The bell rings after the commit, for the person it is for, while he is signed in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from core.access.demo import World, build
from core.config.asgi import application
from core.jobs.execution import end
from core.jobs.models import Job
from core.notices import services
from core.notices.models import Notice
from core.notices.services import notify


@pytest.fixture
def committed(transactional_db: None) -> World:
    return build()


class Bell(ApplicationCommunicator):
    """The browser's end of the bell."""

    def __init__(self, client: Client | None) -> None:
        cookies = client.cookies.items() if client else ()
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies)
        headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie.encode())]
        scope = {"type": "websocket", "path": "/ws/notices/", "query_string": b"", "headers": headers}
        super().__init__(application, scope | {"subprotocols": []})

    async def hears(self) -> object:
        """What comes next: a ring, or the code with which it was closed."""
        message = await self.receive_output(10)
        return message["code"] if message["type"] == "websocket.close" else json.loads(message["text"])

    async def opened(self) -> object:
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(10))["type"] == "websocket.accept"
        return await self.hears()

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(10)


def signed_in(world: World, who: str) -> Client:
    client = Client()
    client.force_login(world.user[who])
    return client


def delete(session_key: str) -> None:
    Session.objects.get(pk=session_key).delete()


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 30))


def test_the_bell_rings_for_whom_it_is(committed: World) -> None:
    """One hears that there is something, and nothing of what; others hear nothing; signing out ends it."""
    world, client = committed, signed_in(committed, "member")
    other, key = signed_in(world, "owner"), client.session.session_key

    async def story() -> None:
        mine, his = Bell(client), Bell(other)
        assert [await mine.opened(), await his.opened()] == [{}, {}]
        await sync_to_async(notify)([world.user["member"]], "inbox.invited")
        assert await mine.hears() == {}
        assert await his.receive_nothing(0.1)
        await sync_to_async(delete)(key)
        assert await mine.hears() == 4401
        await mine.leave()
        await his.leave()

    run(story)


def test_nobody_listens_without_having_signed_in(committed: World) -> None:
    """A stranger's socket is closed at the door."""

    async def story() -> None:
        bell = Bell(None)
        assert await bell.opened() == 4401
        await bell.leave()

    run(story)


def job_of(world: World, minutes: int) -> Job:
    job = Job.objects.create(task="inbox.test", owner=world.user["member"], project=world.project, queue="default")
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=minutes))
    return Job.objects.get(pk=job.pk)


def test_long_work_tells_who_asked_for_it(world: World) -> None:
    """What took a while, or failed, is told to its owner; what was done at once isn't."""
    end(job_of(world, 5), Job.State.DONE)
    end(job_of(world, 0), Job.State.FAILED)
    end(job_of(world, 0), Job.State.DONE)
    end(job_of(world, 5), Job.State.CANCELLED)
    told = Notice.objects.filter(user=world.user["member"]).order_by("created_at")
    assert [notice.kind for notice in told] == ["jobs.job_done", "jobs.job_failed"]


def test_who_looks_at_the_work_is_told_by_that(world: World, client_of: Callable[[str], Client]) -> None:
    """The owner who sees the end on the page has read the notice; a manager who looks reads nothing for him."""
    job = job_of(world, 5)
    end(job, Job.State.DONE)
    unread = services.of(world.user["member"]).filter(read_at=None)
    client_of("owner").get(f"{job.get_absolute_url()}progress/")
    assert unread.count() == 1
    client_of("member").get(f"{job.get_absolute_url()}progress/")
    assert unread.count() == 0
