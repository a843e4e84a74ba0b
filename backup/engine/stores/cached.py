"""A store whose small objects are kept near: what was read once is not fetched again."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from backup.engine.format import cipher, layout
from backup.engine.stores.base import Listed, Store
from backup.engine.stores.wrapped import Wrapper

LARGEST = 1 << 30
"""Bytes of a whole cache."""
_DIGEST = 32
_NAMED_BY_CONTENT = re.compile(r"(?:index|manifests/[0-9a-f]{32})/([0-9a-f]{64})")


class Cached(Wrapper):
    """Keeps all but packs in a folder of this repository alone.

    What is named by its content is known to be whole by its name. All else has a digest beside it, and counts only
    while the listing of this very process shows it with the size and the time that it had when it was read. Who
    checks a repository asks the store itself.
    """

    def __init__(self, store: Store, folder: Path, *, largest: int = LARGEST) -> None:
        super().__init__(store)
        self.folder, self._largest = folder, largest
        self._lock = Lock()
        self._listed: dict[str, Listed] = {}
        self._size: int | None = None

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        if name.startswith("packs/"):
            return self.store.read(name, offset, length)
        layout.check_name(name)
        data = self._known(name)
        if data is None:
            data = self.store.read(name)
            self._keep(name, data)
        return data[offset:] if length is None else data[offset : offset + length]

    def list(self, prefix: str) -> Iterator[Listed]:
        if prefix.startswith("packs"):
            yield from self.store.list(prefix)
            return
        seen = set()
        for one in self.store.list(prefix):
            seen.add(one.name)
            self._listed[one.name] = one
            yield one
        for name in list(self._listed):
            if name.startswith(f"{prefix}/") and name not in seen:
                del self._listed[name]
        for path in list(self._files(prefix)):
            if (name := path.relative_to(self.folder).as_posix()) not in seen:
                self._drop(name)

    def delete(self, name: str) -> None:
        self.store.delete(name)
        self._listed.pop(name, None)
        self._drop(name)

    def erase(self) -> None:
        self.store.erase()
        self._listed.clear()
        self._size = None
        shutil.rmtree(self.folder, ignore_errors=True)  # what stays is ciphertext that no list shows any more

    def _known(self, name: str) -> bytes | None:
        """What is kept under this name, where it is whole and still what the store has."""
        path = self.folder / name
        try:
            kept = path.read_bytes()
            status = path.stat()
        except OSError:
            return None
        beside, data = kept[:_DIGEST], kept[_DIGEST:]
        if found := _NAMED_BY_CONTENT.fullmatch(name):
            is_whole = cipher.digest(data).hex() == found[1]
        else:
            listed = self._listed.get(name)
            if listed is None or (listed.size, listed.received) != (len(data), status.st_mtime_ns):
                return None
            is_whole = _mark(name, data) == beside
        if not is_whole:
            self._drop(name)
            return None
        with contextlib.suppress(OSError):
            os.utime(path, ns=(time.time_ns(), status.st_mtime_ns))  # what was used last goes last
        return data

    def _keep(self, name: str, data: bytes) -> None:
        listed = self._listed.get(name)
        if len(data) > self._largest // 8:
            return
        if found := _NAMED_BY_CONTENT.fullmatch(name):
            if cipher.digest(data).hex() != found[1]:
                return
        elif listed is None or listed.size != len(data):
            return
        # A cache that can't be written is none: what isn't kept is read from the store.
        with contextlib.suppress(OSError), self._lock:
            self._write(name, _mark(name, data) + data, listed.received if listed else 0)

    def _write(self, name: str, kept: bytes, received: int) -> None:
        path, unfinished = self.folder / name, self.folder / "tmp" / secrets.token_hex(16)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (unfinished.parent, path.parent):
            folder.mkdir(parents=True, exist_ok=True)
        size = self._measure() + len(kept)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(kept)
            os.utime(unfinished, ns=(time.time_ns(), received))
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        self._size = size
        if size > self._largest:
            self._make_room()

    def _measure(self) -> int:
        if self._size is None:
            for left in (self.folder / "tmp").iterdir():  # by a process that was stopped
                left.unlink(missing_ok=True)
            self._size = sum(path.stat().st_size for path in self._files())
        return self._size

    def _make_room(self) -> None:
        """Drop what was used least lately, down to nine tenths of what is allowed."""
        found = sorted(((status := path.stat()).st_atime_ns, status.st_size, path) for path in self._files())
        self._size = sum(size for _used, size, _path in found)
        for _used, size, path in found:
            if self._size <= self._largest * 9 // 10:
                break
            path.unlink(missing_ok=True)
            self._size -= size

    def _files(self, below: str = "") -> Iterator[Path]:
        for folder, _folders, files in os.walk(self.folder / below):
            for name in files:
                yield Path(folder, name)

    def _drop(self, name: str) -> None:
        # What stays is looked at again before it is given out.
        with contextlib.suppress(OSError), self._lock:
            size = (self.folder / name).stat().st_size
            (self.folder / name).unlink()
            if self._size is not None:
                self._size -= size


def itself(store: Store) -> Store:
    """The store without what is kept near: for who wants to see what it holds today."""
    return store.store if isinstance(store, Cached) else store


def _mark(name: str, data: bytes) -> bytes:
    """A digest that holds for these bytes under this name only."""
    return cipher.digest(name.encode(), b"\0", data)
