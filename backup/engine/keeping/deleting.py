"""Take away what is due, looking again and again whether it still is: a pruner may have slept since it looked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from backup.engine.errors import Damaged, Denied, KeyRefused, Missing
from backup.engine.format import layout, snapshots
from backup.engine.format.snapshots import Snapshot
from backup.engine.history import History
from backup.engine.keeping.ground import DAY, Ground, digest, ever, which
from backup.engine.keeping.stock import read_index
from backup.engine.stores.base import Listed
from backup.engine.stores.redundant import ParityOf

_EVERY = 60.0
"""Seconds between two looks."""
_LONGEST = DAY
"""A pruner that needs longer than this (it slept) begins anew."""


@dataclass
class Deleted:
    count: int = 0
    size: int = 0
    locked: int = 0
    """What the store doesn't let go yet."""


class Deletion:
    def __init__(self, ground: Ground, clock: Callable[[], float] = time.monotonic) -> None:
        self._ground, self._clock, self._store = ground, clock, ground.repository.store
        self._parity = ParityOf(self._store)
        self._looked = float("-inf")
        self._seen = set(ground.names)
        self._acts = ground.history.names
        self._due = {one.name for one in ground.overdue()}
        self._needed: set[bytes] = set()
        self._is_off = False
        """Something came that can't be understood, or it took too long: nothing goes any more in this run."""

    def snapshots(self, due: Iterable[Listed]) -> Deleted:
        """A look before each: these are few, and people may be taking back what they said."""
        return self._delete(due, lambda one: one.name in self._due, every=0)

    def indexes(self, due: Iterable[Listed]) -> Deleted:
        return self._delete(due, lambda one: digest(one.name) not in self._needed)

    def manifests(self, due: Iterable[Listed]) -> Deleted:
        return self._delete(due, lambda _one: True)

    def packs(self, due: Iterable[Listed]) -> Deleted:
        return self._delete(due, self._is_pack_due)

    def still_due(self, due: Iterable[Listed]) -> list[Listed]:
        """Those of these packs that may still be deleted."""
        self._look()
        return [one for one in due if not self._is_off and self._is_pack_due(one)]

    def _is_pack_due(self, one: Listed) -> bool:
        name = digest(one.name)
        return name in self._ground.history.condemned and name not in self._needed

    def _delete(self, due: Iterable[Listed], is_due: Callable[[Listed], bool], every: float = _EVERY) -> Deleted:
        deleted = Deleted()
        for one in due:
            if self._clock() - self._looked >= every:
                self._look()
            if self._is_off or not is_due(one):
                continue
            try:
                self._parity.delete(one.name)
                self._store.delete(one.name)
            except Denied:
                deleted.locked += 1
                continue
            deleted.count += 1
            deleted.size += one.size
        return deleted

    def _look(self) -> None:
        ground = self._ground
        self._looked = self._clock()
        self._is_off = self._is_off or self._store.now() - ground.now > _LONGEST
        if {one.name for one in self._store.list("acts")} - self._acts:
            self._hear(ground.repository.history())
        for one in self._store.list("snapshots"):
            if one.name not in self._seen:
                self._seen.add(one.name)
                self._heed(one)

    def _hear(self, history: History) -> None:
        """Take in what was said since: something may be spared, recalled or held."""
        ground = self._ground
        self._is_off = self._is_off or any(one.name not in self._acts for one in history.problems)
        self._acts |= history.names
        let_go = [snapshot for snapshot in ground.snapshots if not ground.stays(snapshot)]
        ground.history = history
        self._due = {one.name for one in ground.overdue()}
        for snapshot in filter(ground.stays, let_go):
            self._keep(snapshot)

    def _heed(self, one: Listed) -> None:
        """Let everything be that a snapshot may need which has come since."""
        badge = self._ground.history.badges.get(which(one.name)[0])
        try:
            if badge is None:
                raise Damaged(one.name, "signed by a key that the master didn't let in")
            layout.check_size(one.name, one.size)
            key = self._ground.repository.key
            self._keep(snapshots.read(self._store.read(one.name), badge.verify, key, one.name))
        except (Damaged, Missing, KeyRefused):
            self._is_off = True

    def _keep(self, snapshot: Snapshot) -> None:
        """Let everything be that a snapshot may need."""
        repository, history = self._ground.repository, self._ground.history
        in_force = history.instead(snapshot.indexes)
        self._needed |= ever(history, snapshot.indexes)
        for name in {*in_force, *snapshot.indexes}:
            try:
                self._needed |= {pack.name for pack in read_index(repository, name)}
            except (Damaged, Missing, KeyRefused):
                self._is_off = self._is_off or name in in_force
