"""Keep parity of what a store holds already. It takes no key."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from backup.engine.errors import Damaged, Missing
from backup.engine.format import layout
from backup.engine.stores.base import Listed, Store
from backup.engine.stores.redundant import protect


@dataclass
class Protected:
    objects: int = 0
    """Those that got parity."""
    size: int = 0
    """Bytes of parity that were added."""
    before: int = 0
    """Objects that had theirs."""
    damaged: list[Damaged] = field(default_factory=list)
    """Objects that get none: what they were can't be told any more."""


def add_parity(
    store: Store,
    percent: int,
    *,
    workers: int = 2,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Protected:
    """Keep so many percent of parity of every object that has none. `progress` tells bytes read and in all.

    It may raise to stop; the next time goes on from there.
    """
    missing, done = _missing(store)
    total = sum(one.size for one in missing)
    if dry_run:
        done.objects = len(missing)
        return done
    read = 0
    progress(read, total)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="parity")
    try:
        for one, added in zip(missing, pool.map(lambda one: _add(store, one, percent), missing), strict=True):
            read += one.size
            progress(read, total)
            if isinstance(added, Damaged):
                done.damaged.append(added)
            else:
                done.objects += bool(added)
                done.size += added
    finally:
        pool.shutdown(cancel_futures=True)
    return done


def _add(store: Store, one: Listed, percent: int) -> int | Damaged:
    """How many bytes of parity an object got: none where it was deleted since it was listed."""
    try:
        layout.check_size(one.name, one.size)
        return protect(store, one.name, store.read(one.name), percent)
    except Missing:
        return 0
    except Damaged as error:
        return error


def remove_parity(store: Store) -> Protected:
    """Take all parity away: nothing else needs it."""
    done = Protected()
    for one in store.list("parity"):
        store.delete(one.name)
        done.objects += 1
        done.size += one.size
    return done


def _missing(store: Store) -> tuple[list[Listed], Protected]:
    """The objects that have no parity, and how many have."""
    there = {one.name for one in store.list("parity")}
    every = [one for folder in layout.FOLDERS if folder != "parity" for one in store.list(folder)]
    missing = [one for one in every if layout.parity_name(one.name) not in there]
    return missing, Protected(before=len(every) - len(missing))
