"""Who else is on a page is told to those who may look at it, and to nobody else; nothing of it is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.test import Client
from django.utils.module_loading import import_string

from core import tool
from core.access import services as access_services
from core.access.demo import World, build
from core.access.models import Membership
from core.config.asgi import application
from ecrf.models import Subject


@pytest.fixture
def record(transactional_db: None) -> tuple[World, Subject]:
    """A subject of site A, whose record people look at."""
    world = build()
    about = {"project": world.project, "site": world.site_a, "number": "BRO-001", "sequence": 1}
    return world, Subject.objects.create(included_by=world.user["member"], **about)


class Socket(ApplicationCommunicator):
    """The browser's end."""

    def __init__(self, client: Client | None, path: str) -> None:
        cookies = client.cookies.items() if client else ()
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies)
        headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie.encode())]
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
        super().__init__(application, scope)

    async def open(self) -> None:
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(10))["type"] == "websocket.accept"

    async def hears(self) -> Any:
        """The names of the others, or the code with which it was closed."""
        message = await self.receive_output(10)
        if message["type"] == "websocket.close":
            return message["code"]
        return [person["name"] for person in json.loads(message["text"])["people"]]

    async def renew(self) -> None:
        await self.send_input({"type": "websocket.receive", "text": "{}"})

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(10)


def signed_in(world: World, who: str) -> Client:
    client = Client()
    client.force_login(world.user[who])
    return client


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 30))


def test_two_see_each_other_and_part(record: tuple[World, Subject]) -> None:
    """Who comes hears who is there, who is there hears him come and go; one's own second window is nobody."""
    world, subject = record
    path = f"/ws/presence/ecrf.entry/{subject.pk}:form/"
    clients = [signed_in(world, who) for who in ("member", "owner", "member")]

    async def story() -> None:
        mine, his, my_other = (Socket(client, path) for client in clients)
        await mine.open()
        await his.open()
        assert await his.hears() == ["Nolwenn Kerbrat"]
        assert await mine.hears() == ["Camille Le Goff"]
        await my_other.open()
        assert await my_other.hears() == ["Camille Le Goff"]
        assert await mine.receive_nothing(0.1)
        await his.leave()
        assert await mine.hears() == []
        await mine.leave()
        await my_other.leave()

    run(story)


@pytest.mark.parametrize("who", ["other_site", "stranger", None])
def test_who_may_not_see_the_page_hears_nothing(record: tuple[World, Subject], who: str | None) -> None:
    """A clinician of another site, a stranger and somebody who hasn't signed in are closed at the door."""
    world, subject = record
    client = signed_in(world, who) if who else None

    async def story() -> None:
        for key in (f"ecrf.entry/{subject.pk}:form", "ecrf.entry/nothing", "unknown.kind/1"):
            socket = Socket(client, f"/ws/presence/{key}/")
            await socket.open()
            assert await socket.hears() == (4404 if who else 4401)
            await socket.leave()

    run(story)


def test_it_ends_with_the_right_to_look(record: tuple[World, Subject]) -> None:
    """Removed from the project, one is closed at once; one whose right has ended otherwise, at the next renewal."""
    world, subject = record
    path = f"/ws/presence/ecrf.entry/{subject.pk}:form/"
    client, other = signed_in(world, "member"), signed_in(world, "monitor")

    def remove(who: str) -> None:
        membership = Membership.objects.get(user=world.user[who])
        access_services.end_membership(world.user["owner"], membership)

    def expire() -> None:
        Membership.objects.filter(user=world.user["monitor"]).update(
            starts_at=world.project.created_at, ends_at=world.project.created_at
        )

    async def story() -> None:
        mine, his = Socket(client, path), Socket(other, path)
        await mine.open()
        await his.open()
        await his.hears()
        await mine.hears()
        await sync_to_async(expire)()
        await his.renew()
        assert await his.hears() == 4404
        await his.leave()
        assert await mine.hears() == []
        await sync_to_async(remove)("member")
        assert await mine.hears() in (4404, 4401)
        await mine.leave()

    run(story)


def test_every_kind_has_its_rule(record: tuple[World, Subject]) -> None:
    """Each declared kind of page has a rule, which refuses what is no key."""
    world, _subject = record
    for rule in tool.presences().values():
        assert import_string(rule)(world.user["owner"], "not-a-key") is False
