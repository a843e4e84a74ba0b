"""Where objects lie: names to bytes, created once and never changed."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from backup.engine.cipher import Bytes
from backup.engine.errors import AlreadyThere, BackupError, Missing

_NAME = re.compile(
    r"(?:config|keys/[0-9a-f]{32}|packs/[0-9a-f]{2}/[0-9a-f]{64}|index/[0-9a-f]{64}|snapshots/[0-9a-f]{32}/[0-9a-f]{16})"
)
_STALE_SECONDS = 24 * 3600
_IOV = 512


class Store(Protocol):
    """What a place must be able to do to hold a repository. Safe to use from several threads."""

    def create(self, name: str, parts: Sequence[Bytes]) -> None:
        """Keep the parts in a row under a new name, durably, whole or not at all. Raises AlreadyThere."""

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """The object, or a part of it (shorter where the object ends). Raises Missing."""

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Names below ``config``, ``keys``, ``packs``, ``index`` or ``snapshots``, with their sizes, in no order."""


class LocalStore:
    """A folder. Objects are written to ``tmp/``, synced, then given their name in one step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._temporary = folder / "tmp"

    def prepare(self) -> None:
        """Make the folders of a new repository. Raises BackupError where the folder holds something else."""
        if self.folder.exists() and any(self.folder.iterdir()):
            raise BackupError(f"{self.folder} isn't empty")
        for name in ("tmp", "keys", "index", "snapshots", *(f"packs/{number:02x}" for number in range(256))):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        for parent in (self.folder / "packs", self.folder, self.folder.parent):
            _sync(parent)

    def tidy(self) -> None:
        """Drop what writers that were killed left unfinished more than a day ago."""
        for path in self._temporary.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink()

    def create(self, name: str, parts: Sequence[Bytes]) -> None:
        path = self._path(name)
        temporary = self._temporary / secrets.token_hex(16)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            try:
                _write(descriptor, parts)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if not path.parent.is_dir():
                path.parent.mkdir(mode=0o700, exist_ok=True)  # another writer may have made it since
                _sync(path.parent.parent)
            try:
                os.link(temporary, path)  # unlike rename, refuses a name that is taken
            except FileExistsError:
                raise AlreadyThere(name) from None
            _sync(path.parent)
        finally:
            temporary.unlink()

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        try:
            descriptor = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Missing(name) from None
        try:
            wanted = os.fstat(descriptor).st_size - offset if length is None else length
            data = os.pread(descriptor, max(wanted, 0), offset)
            while len(data) < wanted and (more := os.pread(descriptor, wanted - len(data), offset + len(data))):
                data += more
            return data
        finally:
            os.close(descriptor)

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        top = self.folder / prefix
        if top.is_file():
            yield prefix, top.stat().st_size
        for parent, _folders, files in os.walk(top):
            for file in files:
                path = Path(parent, file)
                name = path.relative_to(self.folder).as_posix()
                if _NAME.fullmatch(name):
                    with contextlib.suppress(FileNotFoundError):
                        yield name, path.stat().st_size

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an object")
        return self.folder / name


def _write(descriptor: int, parts: Sequence[Bytes]) -> None:
    waiting = [memoryview(part).cast("B") for part in parts if len(part)]
    waiting.reverse()
    while waiting:
        written = os.writev(descriptor, waiting[: -_IOV - 1 : -1])
        while waiting and written >= len(waiting[-1]):
            written -= len(waiting.pop())
        if written:
            waiting[-1] = waiting[-1][written:]


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
