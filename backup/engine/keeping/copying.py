"""A second copy of a repository in another store. It takes no key: objects are copied as they are.

They are listed in the order opposite to that in which they are copied, so that whatever an object of the copy needs was
copied before it: a copy that breaks off is a whole repository, somewhat older. The next one goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from threading import Lock
from typing import TypeVar

from backup.engine.errors import AlreadyThere, BackupError, Damaged, Missing, Unreachable
from backup.engine.format import cipher, layout
from backup.engine.keeping.ground import digest
from backup.engine.stores.base import Listed, Store

ORDER = ("config", "keys", "packs", "index", "manifests", "acts", "snapshots")
"""Acts before snapshots: they say with which indexes a snapshot is read that is copied after them."""
_TICK, _LONGEST = 0.005, 30.0
T = TypeVar("T")


class OtherRepository(BackupError):
    """The two stores hold different repositories."""


@dataclass
class Copied:
    objects: int = 0
    size: int = 0
    differing: list[str] = field(default_factory=list)
    """Objects that aren't the same here and there: nothing was overwritten."""
    damaged: list[str] = field(default_factory=list)
    """Objects whose bytes aren't those of their name, and that weren't copied."""
    lost: list[str] = field(default_factory=list)
    """What the copy holds of keys, acts and configs and the source doesn't: it is an older state."""
    vanished: int = 0
    """What was deleted in the source while it was copied."""


@dataclass(frozen=True)
class Contents:
    """What a store holds, by folder and name."""

    folders: dict[str, dict[str, Listed]]

    @classmethod
    def of(cls, store: Store) -> Contents:
        return cls({folder: {one.name: one for one in store.list(folder)} for folder in reversed(ORDER)})

    def __getitem__(self, folder: str) -> dict[str, Listed]:
        return self.folders[folder]


def copy(
    source: Store,
    target: Store,
    *,
    workers: int = 4,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    sleep: Callable[[float], object] = time.sleep,
) -> Copied:
    """Bring what is missing from one store to another, which is prepared. `progress` tells bytes done and in all.

    Raises OtherRepository, Missing where the source holds none, and what the stores raise: the next copy goes on.
    """
    check_same(source, target)
    have, wanted = Contents.of(target), Contents.of(source)
    return _Copy(source, target, have, wanted, workers, progress, sleep).run()


def check_same(source: Store, target: Store) -> None:
    """Raises OtherRepository unless both hold the same repository, or the target none yet; Missing for the source."""
    here, there = _repository(source), _repository(target)
    if here is None:
        raise Missing(layout.config_name(1))
    if there not in (None, here):
        raise OtherRepository(f"the copy is of repository {there.hex()}, the source is {here.hex()}")


class _Copy:
    def __init__(
        self,
        source: Store,
        target: Store,
        have: Contents,
        wanted: Contents,
        workers: int,
        progress: Callable[[int, int], None],
        sleep: Callable[[float], object],
    ) -> None:
        self._source, self._target, self._have, self._wanted = source, target, have, wanted
        self._workers, self._progress, self._sleep = workers, progress, sleep
        self._lock = Lock()
        self._total = sum(one.size for folder in ORDER for one in self._missing(folder))
        self._author = ""
        self._done = Copied()

    def run(self) -> Copied:
        self._compare()
        self._progress(0, self._total)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="copy") as pool:
            for folder in ORDER:
                missing = self._missing(folder)
                if folder == "acts":
                    self._row(sorted(missing, key=lambda one: (one.received, one.name)))
                elif folder in layout.HASHED or folder == "keys":
                    _all(pool, self._one, missing)
                else:  # a row of snapshots, or of configs, has no gap at any time
                    rows = groupby(sorted(missing, key=lambda one: one.name), key=lambda one: _row_of(one.name))
                    _all(pool, self._row, [list(row) for _, row in rows])
        return self._done

    def _missing(self, folder: str) -> list[Listed]:
        return [one for name, one in self._wanted[folder].items() if name not in self._have[folder]]

    def _row(self, row: Iterable[Listed]) -> None:
        for one in row:
            self._one(one)

    def _one(self, one: Listed) -> None:
        try:
            layout.check_size(one.name, one.size)
            data = self._source.read(one.name)
            if _is_hashed(one.name) and cipher.digest(data) != digest(one.name):
                raise Damaged(one.name, "its bytes aren't those of its name")
        except Damaged as error:
            with self._lock:
                self._done.damaged.append(str(error))
            return
        except Missing:
            with self._lock:
                self._done.vanished += 1
            return
        if one.name.startswith("acts/"):
            self._keep_order(one.name)
        try:
            self._target.create(one.name, [data])
        except AlreadyThere:  # another copy is under way
            if self._target.read(one.name) != data:
                with self._lock:
                    self._done.differing.append(one.name)
            return
        with self._lock:
            self._done.objects += 1
            self._done.size += len(data)
            self._progress(self._done.size, self._total)

    def _keep_order(self, name: str) -> None:
        """Have the target's clock go on before an act of another key: acts count in the order in which they came."""
        if (author := _row_of(name)) == self._author:
            return
        self._author, last, pause = author, self._target.now(), _TICK
        while self._target.now() <= last:
            if pause > _LONGEST:
                raise Unreachable("the clock of the copy's store stands still")
            self._sleep(pause)
            pause *= 2

    def _compare(self) -> None:
        """See what is in both and isn't the same: by sizes, and of rows by their newest, which vouches for the rest."""
        for folder in ORDER:
            have, wanted = self._have[folder], self._wanted[folder]
            common = sorted(have.keys() & wanted.keys())
            differing = {name for name in common if have[name].size != wanted[name].size}
            if folder not in layout.HASHED:
                self._done.lost += sorted(have.keys() - wanted.keys()) if folder != "snapshots" else []
                newest = {name if folder == "keys" else _row_of(name): name for name in common}
                differing |= {name for name in newest.values() if self._source.read(name) != self._target.read(name)}
            self._done.differing += sorted(differing)


def _all(pool: ThreadPoolExecutor, work: Callable[[T], None], items: Iterable[T]) -> None:
    """Raises the first failure, once what is in hand is done; the rest isn't begun."""
    futures = [pool.submit(work, item) for item in items]
    try:
        for future in futures:
            future.result()
    finally:
        for future in futures:
            future.cancel()


def _repository(store: Store) -> bytes | None:
    """Which repository a store holds, as its configs say."""
    name = min((one.name for one in store.list("config")), default=None)
    if name is None:
        return None
    return layout.parse(store.read(name, 0, layout.SIZE), layout.CONFIG, None, name).repository


def _row_of(name: str) -> str:
    return name.rpartition("/")[0]


def _is_hashed(name: str) -> bool:
    return name.partition("/")[0] in layout.HASHED
