"""The bell of a run: for those who may see it, as long as they may, and of numbers only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.test import Client

from backup.models import Run
from backup.services import runs
from backup.services.runs import Report
from core.access.demo import build
from core.access.models import Membership
from core.config.asgi import application
from tests.backup import portal
from tests.backup.agents.conftest import Fleet, Machine

if TYPE_CHECKING:
    from pytest_django import Settings


class Socket(ApplicationCommunicator):
    """The browser's end."""

    def __init__(self, client: Client, run: Run) -> None:
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie.encode())]
        scope = {"type": "websocket", "path": f"/ws/backup/runs/{run.pk}/", "headers": headers}
        super().__init__(application, scope | {"query_string": b"", "subprotocols": []})

    async def next(self) -> Any:
        """What is heard, or the number that says why it was closed."""
        message = await self.receive_output(10)
        return json.loads(message["text"]) if message["type"] == "websocket.send" else message["code"]

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(10)


@pytest.fixture
def watched(transactional_db: None, settings: Settings, tmp_path: Path) -> tuple[Fleet, Machine, Run]:
    settings.BACKUP_FOLDERS = [tmp_path]
    fleet = Fleet(portal.keep(build(), tmp_path))
    machine = fleet.ready()
    return fleet, machine, runs.begin(machine.agent, plan_id=fleet.plan(machine).pk, run_id=uuid4())


def listening(fleet: Fleet, run: Run, who: str, story: Callable[[Socket], Awaitable[None]]) -> None:
    client = Client()
    if who != "anonymous":
        client.force_login(fleet.world.user[who])

    async def heard() -> None:
        socket = Socket(client, run)
        await socket.send_input({"type": "websocket.connect"})
        assert (await socket.receive_output(10))["type"] == "websocket.accept"
        await story(socket)
        await socket.leave()

    asyncio.run(asyncio.wait_for(heard(), 30))


@pytest.mark.parametrize(
    ("who", "hears"),
    [("owner", True), ("monitor", True), ("member", False), ("stranger", False), ("anonymous", False)],
)
def test_who_hears(watched: tuple[Fleet, Machine, Run], who: str, hears: bool) -> None:
    """To who may not see the backups there is no such run."""
    fleet, _machine, run = watched

    async def story(socket: Socket) -> None:
        closed = 4401 if who == "anonymous" else 4404
        assert await socket.next() == ({"run": str(run.pk), "done": 0, "total": None} if hears else closed)

    listening(fleet, run, who, story)


def test_it_rings_with_numbers_only(watched: tuple[Fleet, Machine, Run]) -> None:
    """Paths that the agent names don't travel: the page asks for them, with the reader's rights."""
    fleet, machine, run = watched

    async def story(socket: Socket) -> None:
        await socket.next()
        told = Report(1, files=3, bytes=500, total=900, doing="/srv/patients")
        await sync_to_async(runs.report)(machine.agent, run.pk, told)
        assert await socket.next() == {"run": str(run.pk), "done": 500, "total": 900}

    listening(fleet, run, "owner", story)


def test_it_is_silent_to_who_was_put_out(watched: tuple[Fleet, Machine, Run]) -> None:
    """Rights are asked for again with each ring: to who has lost them there is no such run any more."""
    fleet, machine, run = watched

    async def story(socket: Socket) -> None:
        await socket.next()
        await sync_to_async(Membership.objects.filter(user=fleet.world.user["monitor"]).delete)()
        await sync_to_async(runs.report)(machine.agent, run.pk, Report(1, bytes=500))
        assert await socket.next() == 4404

    listening(fleet, run, "monitor", story)
