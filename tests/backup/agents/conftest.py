"""Agents of a project whose repository is kept: each with its machine's key pair, its token and its keyfile."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from rest_framework.test import APIClient

from backup.api import protocol
from backup.engine.agent import holding
from backup.engine.format import cipher, keyfile, keys, layout
from backup.engine.format.keys import Key
from backup.engine.repository import Repository as Opened
from backup.engine.stores.local import LocalStore
from backup.models import Agent, Plan, Repository
from backup.services import agents, plans
from backup.services.options import Orders
from core import bells
from core.access.demo import World
from tests.backup.agents.machines import Bell, Computer, serving
from tests.backup.portal import Kept

ROOT = "/api/v1/backup"
KEEP_SOME = {"keep_daily": "7"}


@dataclass
class Machine:
    """A machine that was enrolled, and what it keeps for itself."""

    agent: Agent
    token: str
    private: bytes
    key: Key | None = None
    client: APIClient = field(default_factory=APIClient)

    def __post_init__(self) -> None:
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.token}")

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """Call an address for agents alone."""
        return getattr(self.client, method)(f"{ROOT}/agent/{path}", data, format="json", headers=headers)

    def state(self) -> Any:
        return self.call("get", "state/").json()

    @property
    def objects(self) -> str:
        return f"{ROOT}/repositories/{self.agent.repository_id}/objects/"

    def put(self, name: str, content: bytes) -> Any:
        return self.client.put(f"{self.objects}{name}", content, content_type="application/octet-stream")

    def get(self, name: str, **headers: str) -> Any:
        return self.client.get(f"{self.objects}{name}", headers=headers)

    def opened(self) -> Opened:
        """The repository as it lies on the server's disk, with this machine's key."""
        assert self.key is not None
        return Opened.open(LocalStore(self.agent.repository.path), self.key)

    def snapshot(self, sequence: int = 1, previous: bytes = bytes(32)) -> tuple[str, bytes]:
        """A snapshot of nothing, signed by this machine's key: its name and its bytes."""
        from backup.engine.format import snapshots
        from backup.engine.format.snapshots import Counts, Effort, Taken

        taken = Taken("row", "machine", (), (), 1, 2, b"", 0, (), Counts(), Effort(), {})
        opened = self.opened()
        raw = snapshots.write(opened.config, opened.key, sequence, previous, taken)
        return layout.snapshot_name(opened.key.key_id, sequence), raw


@dataclass
class Fleet:
    """A project with a repository that people have confirmed, and the agents of it."""

    kept: Kept

    @property
    def world(self) -> World:
        return self.kept.world

    @property
    def owner(self) -> Any:
        return self.world.user["owner"]

    @property
    def master(self) -> Opened:
        return Opened.open(LocalStore(self.kept.repository.path), keyfile.load(self.kept.keyfile))

    @property
    def used(self) -> int:
        """Bytes that the repository counts."""
        return Repository.objects.get(pk=self.kept.repository.pk).used

    def expected(self, duty: str = "save", name: str = "") -> agents.Expected:
        return agents.make_agent(
            self.owner,
            self.world.project,
            name=name or f"machine {uuid.uuid4().hex[:6]}",
            duty=duty,
            repository=self.kept.repository,
        )

    def enrolled(self, duty: str = "save", name: str = "") -> Machine:
        """An agent that has no key yet."""
        private = X25519PrivateKey.generate().private_bytes_raw()
        expected = self.expected(duty, name)
        made = agents.enrol(
            expected.code, host="ward-3", program="suite-backup 1", seal_to=cipher.public_half(private).hex()
        )
        return Machine(agents.find(made.token) or made.agent, made.token, private)

    def sealed(self, machine: Machine, role: keys.Role | None = None) -> tuple[Key, bytes]:
        """A key as a browser derives it from the master, and its keyfile sealed to a machine."""
        opened = self.master
        wanted = role or agents.ROLE_OF[Agent.Duty(machine.agent.duty)]
        key = keys.derive(opened.key, wanted, label="ward-3", created=time.time_ns(), epoch=opened.config.epoch.number)
        public = bytes.fromhex(machine.agent.seal_to)
        text = keyfile.dump(key).encode()
        return key, cipher.seal(layout.AES, public, holding.SEALED, machine.agent.pk.bytes, text)

    def ready(self, duty: str = "save", name: str = "") -> Machine:
        """An agent with its key."""
        machine = self.enrolled(duty, name)
        machine.key, sealed = self.sealed(machine)
        assert machine.key.badge is not None
        agents.deliver_key(self.owner, machine.agent, sealed=sealed, badge=machine.key.badge.raw)
        agents.key_fetched(machine.agent, machine.key.key_id.hex())
        machine.agent.refresh_from_db()
        return machine

    def plan(self, machine: Machine, every: str = "daily 02:30", **orders: Any) -> Plan:
        """A plan of this agent, with orders that its duty takes."""
        usual: dict[str, Any] = {
            "save": {"source": "ward data", "paths": ["/srv/data"]},
            "keep": {"options": KEEP_SOME},
            "check": {},
        }[machine.agent.duty]
        return plans.create_plan(
            self.owner,
            self.world.project,
            name=f"plan {uuid.uuid4().hex[:6]}",
            repository=self.kept.repository,
            every=every,
            agent=machine.agent,
            orders=Orders(**(usual | orders)),
        )


def names(client: APIClient, address: str, folder: str, **asked: str) -> list[str]:
    """What the portal lists of a folder."""
    answer = client.get(address, {"folder": folder, **asked})
    assert answer.status_code == 200, answer.content
    return [one["name"] for one in answer.json()["objects"]]


@pytest.fixture
def fleet(kept: Kept) -> Fleet:
    return Fleet(kept)


@pytest.fixture
def saving(fleet: Fleet) -> Machine:
    return fleet.ready("save")


@pytest.fixture
def plan(fleet: Fleet, saving: Machine) -> Plan:
    return fleet.plan(saving)


@pytest.fixture
def pack(fleet: Fleet) -> Callable[[int], tuple[str, bytes]]:
    """Something that looks like a pack of this repository: its name and its bytes."""

    def make(size: int = 1000) -> tuple[str, bytes]:
        prologue = layout.Prologue(layout.DATA_PACK, bytes.fromhex(fleet.kept.repository.repository_id), layout.AES)
        raw = bytes(prologue) + os.urandom(size)
        return layout.pack_name(cipher.digest(raw)), raw

    return make


@pytest.fixture
def folder(fleet: Fleet) -> Path:
    """Where the repository lies."""
    return fleet.kept.repository.path


@pytest.fixture
def many_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """All machines of a test are one address."""
    monkeypatch.setattr(protocol, "GUESSES", 0)


@pytest.fixture
def portal(fleet: Fleet) -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> Bell:
    found = Bell()
    monkeypatch.setattr(bells, "ring", found.ring)
    return found


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path / "computer")
