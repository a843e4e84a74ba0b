"""Which blobs needn't be stored: those this writer stored itself, and those a manifest vouches for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import lru_cache

from backup.engine.format import blobs
from backup.engine.format.packs import Written
from backup.engine.places import Places
from backup.engine.saving.state import State

_REMEMBERED = 64
"""Packs whose entries are at hand."""


class Known:
    """Loaded when it is first asked: a save that finds nothing new never needs it. Safe to use from several threads."""

    def __init__(self, state: State, keep: Callable[[Written], None]) -> None:
        self._state, self._keep = state, keep
        self._lock = threading.Lock()
        self._places: Places | None = None
        self._names: list[bytes] = []
        self._relied: list[bool] = []
        self._claimed: set[bytes] = set()

    def claim(self, ids: Iterable[bytes]) -> list[int]:
        """The numbers of those the caller is to store: nobody has, and of several that ask only one is told so."""
        new = []
        with self._lock:
            for number, id_ in enumerate(ids):
                if id_ not in self._claimed and not self._find(id_):
                    self._claimed.add(id_)
                    new.append(number)
        return new

    def __contains__(self, id_: bytes) -> bool:
        with self._lock:
            return id_ in self._claimed or self._find(id_)

    def wrote(self, pack: Written) -> None:
        """A pack is durable."""
        self._keep(pack)
        with self._lock:
            self._take(pack.name, pack.entries, relied=True)
            self._claimed.difference_update(blobs.ids(pack.entries))

    def _find(self, id_: bytes) -> bool:
        if self._places is None:
            self._load()
        assert self._places is not None
        foreign = None
        for number, _entry in self._places.find(id_):
            if self._relied[number]:
                return True
            foreign = number
        if foreign is None:
            return False
        self._state.use(self._names[foreign])
        self._relied[foreign] = True
        return True

    def _load(self) -> None:
        entries_of = lru_cache(_REMEMBERED)(lambda number: self._state.entries_of(self._names[number]))
        self._places = Places(entries_of)
        for name, entries, relied in self._state.entries():
            self._take(name, entries, relied=relied)

    def _take(self, name: bytes, entries: bytes, *, relied: bool) -> None:
        if self._places is not None:
            self._places.add(entries)
            self._names.append(name)
            self._relied.append(relied)
