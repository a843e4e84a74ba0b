"""A store in memory, whose objects a test changes as a thief or chance would."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from backup.engine.errors import AlreadyThere, Denied, Missing
from backup.engine.format import layout
from backup.engine.format.cipher import Bytes
from backup.engine.stores.base import Listed


class MemoryStore:
    """Objects by name, each with the tick of the store's clock at which it came."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.received: dict[str, int] = {}
        self._ticks = itertools.count(1_000)
        self.read_names: list[str] = []

    def prepare(self) -> None:
        assert not self.objects

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        layout.check_name(name)
        if name in self.objects:
            raise AlreadyThere(name)
        self.objects[name] = b"".join(map(bytes, parts))
        self.received[name] = self.now()

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        layout.check_name(name)
        self.read_names.append(name)
        if name not in self.objects:
            raise Missing(name)
        data = self.objects[name]
        return data[offset:] if length is None else data[offset : offset + length]

    def list(self, prefix: str) -> Iterator[Listed]:
        layout.check_folder(prefix)
        for name in sorted(self.objects):
            if name.startswith(prefix + "/"):
                yield Listed(name, len(self.objects[name]), self.received.get(name, 0))

    def look(self, name: str) -> Listed:
        return Listed(name, len(self.read(name)), self.received[name])

    def delete(self, name: str) -> None:
        self.objects.pop(name, None)

    def now(self) -> int:
        return next(self._ticks)

    def tidy(self) -> None:
        """Nothing is ever left unfinished."""

    def probe(self) -> None:
        """It can always be written to."""

    def erase(self) -> None:
        self.objects.clear()

    def close(self) -> None:
        """Nothing is open."""

    def below(self, folder: str) -> list[str]:
        return [one.name for one in self.list(folder)]


class LockingStore(MemoryStore):
    """One that refuses to delete before a date."""

    def __init__(self) -> None:
        super().__init__()
        self.locks: dict[str, int] = {}

    def locked_until(self, name: str) -> int:
        return self.locks.get(name, 0)

    def lock_until(self, name: str, until: int) -> None:
        self.locks[name] = max(until, self.locked_until(name))

    def delete(self, name: str) -> None:
        if self.locked_until(name) > self.now():
            raise Denied(name)
        super().delete(name)
