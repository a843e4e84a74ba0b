"""A repository in a folder, with each of its keys."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from backup.engine.format import keys, layout
from backup.engine.format.keys import Key, Role
from backup.engine.format.snapshots import Snapshot
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.restoring.restore import Restored, restore
from backup.engine.saving.save import Saved, save
from backup.engine.saving.state import State
from backup.engine.sources.base import Source
from backup.engine.sources.folder import FolderSource
from backup.engine.stores.local import LocalStore
from tests.backup.derived import REPOSITORY

LATER = 10**19 // 2
"""A time after every file's own, so that no file counts as fresh."""


@dataclass
class Vault:
    """A new repository below a folder, the files to save, and its keys."""

    base: Path
    master: Key = field(init=False)
    writer: Key = field(init=False)
    reader: Key = field(init=False)
    lister: Key = field(init=False)
    verifier: Key = field(init=False)
    pruner: Key = field(init=False)
    isolated: bool = False
    suite: int = layout.AES

    def __post_init__(self) -> None:
        self.master = keys.master(os.urandom(32), os.urandom(16), suite=self.suite)
        self.store = LocalStore(self.base / "repository")
        self.store.prepare()
        Repository.create(self.store, self.master, now=1, isolated=self.isolated)
        self.writer, self.reader, self.lister, self.verifier, self.pruner = map(self.derive, list(Role)[1:])
        self.source = self.base / "source"
        self.source.mkdir()
        self._ticks = itertools.count(1_000)
        self._targets = itertools.count(1)

    def derive(self, role: Role) -> Key:
        """A key of the repository, admitted to it."""
        return self.opened(self.master).derive(role, label=role.name.lower(), now=1)

    def opened(self, key: Key) -> Repository:
        return Repository.open(self.store, key)

    @staticmethod
    def badge(key: Key) -> keys.Badge:
        assert key.badge is not None
        return key.badge

    def clock(self) -> int:
        return next(self._ticks)

    def as_writer(self) -> Repository:
        return self.opened(self.writer)

    def as_reader(self) -> Repository:
        return self.opened(self.reader)

    def save(
        self, source: Source | None = None, *, state: str = "state", writer: Key | None = None, **options: Any
    ) -> Saved:
        """Save the source (by default all of its folder) with the writer's key, or another's with its own state."""
        with State(self.base / state) as memory:
            what = source or FolderSource(self.source, now=LATER)
            return save(self.opened(writer or self.writer), memory, what, clock=self.clock, **options)

    def snapshot(self, saved: Saved | None = None) -> Snapshot:
        return self.as_reader().snapshot(saved.snapshot) if saved else self.as_reader().snapshots()[-1]

    def catalogue(self, saved: Saved | None = None) -> Catalogue:
        return Catalogue(self.as_reader(), self.snapshot(saved))

    def restore(self, saved: Saved | None = None) -> tuple[Path, Restored]:
        target = self.base / f"restored-{next(self._targets)}"
        return target, restore(self.catalogue(saved), target)

    def objects(self, below: str = "") -> list[Path]:
        return sorted(path for path in (self.store.folder / below).rglob("*") if path.is_file())


def picture(folder: Path) -> dict[bytes, tuple[object, ...]]:
    """Everything that a restore must bring back, by path in bytes."""
    found: dict[bytes, tuple[object, ...]] = {}
    top = os.fsencode(folder)
    for parent, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(parent, name)  # noqa: PTH118 (Path can't hold every name in bytes)
            status = os.lstat(path)
            content: object = None
            if os.path.islink(path):  # noqa: PTH114
                content = os.readlink(path)  # noqa: PTH115
            elif name in files:
                with open(path, "rb") as file:  # noqa: PTH123
                    content = file.read()
            found[path[len(top) :]] = (status.st_mode, status.st_mtime_ns, content)
    return found


@pytest.fixture(scope="module", params=layout.SUITES)
def master(request: pytest.FixtureRequest) -> Key:
    """A master key of each suite."""
    return keys.master(bytes(range(32)), REPOSITORY, suite=request.param)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


@pytest.fixture
def new_vault(tmp_path: Path) -> Callable[[], Vault]:
    """As many repositories as a test needs."""
    numbers = itertools.count(1)

    def make() -> Vault:
        base = tmp_path / f"vault-{next(numbers)}"
        base.mkdir()
        return Vault(base)

    return make


@pytest.fixture
def kept(world: Any, settings: Any, tmp_path: Path) -> Any:
    """A project with something to save, a repository on another disk, and a plan (tests.backup.portal.Kept)."""
    from tests.backup import portal

    settings.BACKUP_FOLDERS = [tmp_path]
    portal.fill(world)
    return portal.keep(world, tmp_path)
