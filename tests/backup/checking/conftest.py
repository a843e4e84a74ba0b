"""A repository in memory, each of its keys, and a writer that keeps no rule."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from backup.engine.checking.check import check
from backup.engine.checking.onlooker import look_on
from backup.engine.checking.report import Report
from backup.engine.checking.sample import EVERYTHING, Sample
from backup.engine.errors import Damaged
from backup.engine.format import cipher, index, keys, layout
from backup.engine.format.keys import Key, Role
from backup.engine.format.packs import Written
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from tests.backup.checking.hand import Hand
from tests.backup.checking.memory import MemoryStore

TREE: dict[str, Any] = {
    "empty": b"",
    "folder": {"note": b"hello " * 9, "deep": {"leaf": b"a leaf"}},
    "large": [b"one piece", b"and another"],
    "small": b"few bytes",
}


@dataclass
class Place:
    """A new repository, and a key of each role."""

    store: Any = field(default_factory=MemoryStore)
    isolated: bool = False
    suite: int = layout.AES
    roles: tuple[Role, ...] = tuple(role for role in Role if role is not Role.MASTER)
    keys: dict[Role, Key] = field(default_factory=dict)

    def __post_init__(self) -> None:
        master = keys.master(os.urandom(32), os.urandom(16), suite=self.suite)
        first = Repository.create(self.store, master, now=1, isolated=self.isolated)
        self.keys = {role: first.derive(role, label=role.name.lower(), now=1) for role in self.roles}
        self.keys[Role.MASTER] = master
        self.clock = partial(next, itertools.count(10))

    def open(self, role: Role = Role.READER) -> Repository:
        return Repository.open(self.store, self.keys[role])

    def rekey(self) -> None:
        """Begin a new epoch, with new keys for those who read."""
        master = self.open(Role.MASTER).rekey(now=3)
        for role in set(self.roles) - {Role.WRITER}:
            self.keys[role] = master.derive(role, label=role.name.lower(), now=3)

    def onlooker(self) -> Repository:
        return look_on(self.store)

    def hand(self) -> Hand:
        """The writer, at the beginning of its row."""
        return Hand(self.open(Role.WRITER))

    def another(self) -> Hand:
        """A second writer that the master let in."""
        return Hand(Repository.open(self.store, self.open(Role.MASTER).derive(Role.WRITER, label="other", now=2)))

    def check(self, sample: Sample = EVERYTHING, role: Role = Role.READER, **options: Any) -> Report:
        return check(self.open(role), sample, clock=self.clock, **options)

    def restorable(self, only: bytes = b"") -> dict[tuple[str, str], bytes]:
        """Every file of all snapshots, or of one, that can be had whole: what a check must not name."""
        repository = self.open()
        history = repository.history()
        found = {}
        for snapshot in repository.examine(history):
            if isinstance(snapshot, Exception) or history.is_forgotten(snapshot):
                continue
            if only not in (b"", snapshot.id):
                continue
            catalogue = Catalogue(repository, snapshot, history)
            for path, node in catalogue.walk(lambda _path, _error: None):
                content = _content(catalogue, node)
                if content is not None:
                    found[snapshot.id.hex(), path.decode()] = content
        return found


def _content(catalogue: Catalogue, node: dict[str, Any]) -> bytes | None:
    """The content of a file, or None where it can't be had as it was saved."""
    if node["t"] != "f":
        return None
    try:
        content = b"".join(catalogue.content(node))
    except Damaged:
        return None
    digest = cipher.digest(content)
    return content if (len(content), digest) == (node["s"], node.get("h", digest)) else None


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def new_place() -> Callable[..., Place]:
    """As many repositories as a test needs."""
    return Place


@pytest.fixture
def victim(place: Place) -> tuple[Place, bytes]:
    """A repository with an honest snapshot: its id."""
    return place, place.hand().save(TREE)


def told(report: Report, why: str) -> bool:
    return any(why in one.why for one in report.problems)


def spared(place: Place, honest: bytes, report: Report) -> bool:
    """Whether the honest snapshot is untouched and restores."""
    return honest.hex() in report.whole and len(place.restorable(honest)) == 5


def read_index(place: Place) -> list[Written]:
    """What the only index lists."""
    [name] = place.store.below("index")
    return index.read(place.store.read(name), bytes.fromhex(name.rpartition("/")[2]), place.keys[Role.READER])
