"""A store that keeps parity beside what it takes, and what that mends."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from backup.engine.errors import AlreadyThere, Damaged, Denied, Full, Missing
from backup.engine.format import layout, parity
from backup.engine.format.cipher import Bytes
from backup.engine.stores.base import Store
from backup.engine.stores.wrapped import Wrapper


class Redundant(Wrapper):
    """What is created in it has parity from the first moment on."""

    def __init__(self, store: Store, percent: int) -> None:
        super().__init__(store)
        self._percent = percent

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        self.store.create(name, parts, urgent=urgent)
        if name.startswith("parity/"):
            return
        try:
            protect(self.store, name, b"".join(parts), self._percent)
        except Full:
            if not urgent:  # what makes room needs none for its parity
                raise


def protect(store: Store, name: str, raw: bytes, percent: int) -> int:
    """Keep parity of an object, unless there is some: how many bytes. Raises Damaged for bytes that aren't its own."""
    made = parity.make(name, raw, percent)
    with contextlib.suppress(AlreadyThere):
        store.create(layout.parity_name(name), [made])
        return len(made)
    return 0


def mended(store: Store, name: str, raw: bytes | None = None) -> bytes | None:
    """An object as it was, from what is there of it (read anew unless given); None where no parity gives it to us."""
    place = layout.parity_name(name)
    try:
        layout.check_size(place, store.look(place).size)
        found = parity.read(store.read(place), place)
        return found.mend(_read(store, name) if raw is None else raw)
    except (Missing, Damaged, Denied):
        return None


def _read(store: Store, name: str) -> bytes:
    try:
        return store.read(name)
    except Missing:
        return b""


class ParityOf:
    """What parity there is, for who deletes objects: it goes before its object, or a repair would bring that back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names = {one.name for one in store.list("parity")}

    def delete(self, name: str) -> None:
        """Take the parity of an object away, if there is some. Raises Denied."""
        if (place := layout.parity_name(name)) in self._names:
            self._store.delete(place)
