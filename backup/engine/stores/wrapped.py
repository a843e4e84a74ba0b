"""Stores around other stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self, TypeVar

from backup.engine.format.cipher import Bytes
from backup.engine.stores import placing
from backup.engine.stores.base import Listed, Locking, Store

T = TypeVar("T")


class Wrapper:
    """A store around another, with locks where that has them; what a wrapper doesn't change goes straight through."""

    def __new__(cls, store: Store, *_arguments: Any, **_options: Any) -> Self:
        return object.__new__(_with_locks(cls) if isinstance(store, Locking) else cls)

    def __init__(self, store: Store) -> None:
        self.store = store

    def through(self, action: Callable[[], T]) -> T:
        """Every call that has no way of its own in a wrapper takes this one."""
        return action()

    def prepare(self) -> None:
        self.through(self.store.prepare)

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        self.through(lambda: self.store.create(name, parts, urgent=urgent))

    def holds(self, name: str, parts: Sequence[Bytes]) -> bool:
        return self.through(lambda: placing.holds(self.store, name, parts))

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        return self.through(lambda: self.store.read(name, offset, length))

    def list(self, prefix: str) -> Iterator[Listed]:
        return self.store.list(prefix)

    def look(self, name: str) -> Listed:
        return self.through(lambda: self.store.look(name))

    def delete(self, name: str) -> None:
        self.through(lambda: self.store.delete(name))

    def now(self) -> int:
        return self.through(self.store.now)

    def tidy(self) -> None:
        self.through(self.store.tidy)

    def probe(self) -> None:
        self.through(self.store.probe)

    def erase(self) -> None:
        self.through(self.store.erase)

    def close(self) -> None:
        self.store.close()


class _Locks(Wrapper):
    store: Any

    def locked_until(self, name: str) -> int:
        return self.through(lambda: int(self.store.locked_until(name)))

    def lock_until(self, name: str, until: int) -> None:
        self.through(lambda: self.store.lock_until(name, until))


def _with_locks(wrapper: type[Any]) -> type[Any]:
    return type(wrapper.__name__, (_Locks, wrapper), {})
