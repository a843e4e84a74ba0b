"""A repository in memory whose clock the test holds, with writers who save what a test gives them."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

import pytest

from backup.engine.errors import AlreadyThere, Full, Missing
from backup.engine.format import cipher, keys, layout, packs
from backup.engine.format.cipher import Bytes
from backup.engine.format.keys import Key, Role
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.keeping import forget
from backup.engine.keeping.ground import DAY
from backup.engine.keeping.prune import Pruned, prune
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.saving.save import Saved, save
from backup.engine.saving.state import State
from backup.engine.sources.base import Item
from backup.engine.stores.base import Listed

START = 1_700_000_000 * 10**9
EVERYTHING_IN_ONE = 1 << 30

Picture = dict[bytes, tuple[Node, bytes]]
"""Every node of a snapshot by its path, with the content of files."""


class MemoryStore:
    """Objects in memory. The clock stands still but for a tick with each object and each look.

    `before` is told of every call, `after` of those that changed something.
    """

    def __init__(self) -> None:
        self.time = START
        self.objects: dict[str, tuple[bytes, int]] = {}
        self.room = EVERYTHING_IN_ONE
        self.reserve = 1 << 20
        self.before: Callable[[str, str], None] = lambda _what, _name: None
        self.after: Callable[[str, str], None] = lambda _what, _name: None
        self._lock = RLock()

    def prepare(self) -> None:
        pass

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        layout.check_name(name)
        self.before("create", name)
        data = b"".join(bytes(part) for part in parts)
        with self._lock:
            if name in self.objects:
                raise AlreadyThere(name)
            if self.size + len(data) > self.room + (self.reserve if urgent else 0):
                raise Full(name)
            self.time += 1
            self.objects[name] = data, self.time
        self.after("create", name)

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        self.before("read", name)
        try:
            data = self.objects[name][0]
        except KeyError:
            raise Missing(name) from None
        return data[offset:] if length is None else data[offset : offset + length]

    def list(self, prefix: str) -> Iterator[Listed]:
        layout.check_folder(prefix)
        self.before("list", prefix)
        with self._lock:
            found = [
                (name, len(data), at) for name, (data, at) in self.objects.items() if name.startswith(f"{prefix}/")
            ]
        return (Listed(*one) for one in found)

    def look(self, name: str) -> Listed:
        return Listed(name, len(self.read(name)), self.objects[name][1])

    def delete(self, name: str) -> None:
        self.before("delete", name)
        with self._lock:
            self.objects.pop(name, None)
        self.after("delete", name)

    def now(self) -> int:
        self.before("now", "")
        with self._lock:
            self.time += 1
            return self.time

    def tidy(self) -> None:
        pass

    def probe(self) -> None:
        pass

    def erase(self) -> None:
        self.objects.clear()

    def close(self) -> None:
        pass

    @property
    def size(self) -> int:
        return sum(len(data) for data, _ in self.objects.values())

    def names(self, folder: str) -> set[str]:
        return {name for name in list(self.objects) if name.startswith(f"{folder}/")}


class Content:
    """A file of a tree in memory, being read."""

    extents = None

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def readinto(self, buffer: memoryview, /) -> int:
        part = self._data[self._at : self._at + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def steady(self) -> bool:
        return True

    def close(self) -> None:
        pass


class Tree:
    """A source in memory: contents by path."""

    parallel = True
    paths = (b"/",)

    def __init__(self, files: dict[str, bytes], label: str = "docs") -> None:
        self.label = label
        self._top: dict[bytes, Any] = {}
        for path, data in files.items():
            *folders, name = path.encode().split(b"/")
            place = self._top
            for folder in folders:
                place = place.setdefault(folder, {})
            place[name] = data

    def root(self) -> Any:
        return self._top

    def children(self, handle: Any) -> Iterator[Item]:
        for name, below in sorted(handle.items()):
            is_file = isinstance(below, bytes)
            stamp = cipher.digest(below) if is_file else b""
            yield Item(name, FILE if is_file else DIRECTORY, below, len(below) if is_file else 0, stamp)

    def node(self, item: Item) -> Node:
        return {"n": item.name, "t": item.kind, "m": 0o640, "mt": 1}

    def open(self, item: Item) -> Content:
        return Content(item.handle)

    def read(self, item: Item) -> tuple[bytes, bool]:
        return item.handle, True


@dataclass
class Depot:
    """A repository in memory, two of its writers, and a pruner."""

    base: Path
    isolated: bool = False
    master: Key = field(init=False)
    pictures: dict[bytes, Picture] = field(default_factory=dict)
    """Of every snapshot made here, as it was read right after."""

    def __post_init__(self) -> None:
        self.store = MemoryStore()
        self.master = keys.master(os.urandom(32), os.urandom(16))
        Repository.create(self.store, self.master, now=self.store.time, isolated=self.isolated)
        self.writer, self.other = self.derive(Role.WRITER), self.derive(Role.WRITER)
        self.reader, self.lister, self.verifier, self.pruner = map(self.derive, list(Role)[2:])
        self.chance = random.Random(7)
        self._states = itertools.count(1)

    def derive(self, role: Role) -> Key:
        return self.opened(self.master).derive(role, label=role.name.lower(), now=self.store.time)

    def opened(self, key: Key) -> Repository:
        return Repository.open(self.store, key)

    @property
    def as_pruner(self) -> Repository:
        return self.opened(self.pruner)

    def clock(self) -> int:
        return self.store.time

    def wait(self, days: float) -> None:
        self.store.time += int(days * DAY)

    def noise(self, size: int) -> bytes:
        """Content that doesn't compress and is like no other."""
        return self.chance.randbytes(size)

    def state(self, writer: Key | None = None, label: str = "") -> Path:
        return self.base / f"state-{(writer or self.writer).key_id.hex()}{label}"

    def save(self, files: dict[str, bytes], *, writer: Key | None = None, label: str = "docs", **options: Any) -> Saved:
        key = writer or self.writer
        with State(self.state(key)) as memory:
            saved = save(self.opened(key), memory, Tree(files, label), clock=self.clock, workers=1, **options)
        picture = self.read(saved.snapshot)
        assert {path.decode(): data for path, (node, data) in picture.items() if node["t"] == FILE} == files
        self.pictures[saved.snapshot] = picture
        return saved

    def snapshot(self, id_: bytes) -> Snapshot:
        return self.opened(self.reader).snapshot(id_)

    def read(self, id_: bytes) -> Picture:
        """All of a snapshot, read as a reader does."""
        catalogue = Catalogue(self.opened(self.reader), self.snapshot(id_))
        return {
            path: (node, b"".join(catalogue.content(node)) if node["t"] == FILE else b"")
            for path, node in catalogue.walk()
        }

    def check(self, *ids: bytes) -> None:
        """These snapshots (all that were made here, unless said otherwise) are what they were."""
        for id_ in ids or self.pictures:
            assert self.read(id_) == self.pictures[id_]

    def prune(self, key: Key | None = None, **options: Any) -> Pruned:
        return prune(self.opened(key or self.pruner), now=self.clock, **options)

    def forget(self, *saved: Saved) -> None:
        repository = self.as_pruner
        forget.forget(repository, [repository.snapshot(one.snapshot) for one in saved], now=self.store.time)

    def packs(self) -> set[str]:
        return self.store.names("packs")

    def missing(self, saved: Saved) -> list[object]:
        """What the indexes of a snapshot list and isn't there."""
        catalogue = Catalogue(self.opened(self.reader), self.snapshot(saved.snapshot))
        return [*catalogue.missing, *catalogue.gone]


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return Depot(tmp_path)


@pytest.fixture
def isolated(tmp_path: Path) -> Depot:
    return Depot(tmp_path, isolated=True)


@pytest.fixture
def small_packs(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Packs that are full at 64 KiB."""
    monkeypatch.setattr(packs, "TARGET", 64 << 10)
    return packs.TARGET


def settle(depot: Depot, **options: object) -> None:
    """Prune until all that is to go has gone."""
    for _ in range(3):
        depot.wait(8)
        depot.prune(**options)
