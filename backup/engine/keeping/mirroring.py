"""A second copy that also loses what its source has lost, but later, and not when the source looks emptied."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from backup.engine.errors import BackupError, Denied
from backup.engine.keeping.copying import Copied, check_same, copy
from backup.engine.keeping.ground import DAY
from backup.engine.stores.base import Listed, Store
from backup.engine.stores.redundant import ParityOf

GRACE = 30 * DAY
FOLLOWED = ("snapshots", "manifests", "index", "packs")
"""What a pruner deletes, in the order in which it goes: nothing that is left ever needs what is gone."""


class LooksEmptied(BackupError):
    """More than half of the snapshots that the source held the last time are gone from it."""


@dataclass
class Mirrored:
    copied: Copied
    objects: int = 0
    size: int = 0
    locked: int = 0
    gone: dict[str, int] = field(default_factory=dict)
    """What the source doesn't hold any more, and since when that is known, by the copy's clock: for the next run."""


def mirror(
    source: Store,
    target: Store,
    *,
    gone: Mapping[str, int],
    grace: int = GRACE,
    forced: bool = False,
    workers: int = 4,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    sleep: Callable[[float], object] = time.sleep,
) -> Mirrored:
    """Copy what is missing, then delete what has been gone from the source for longer than the grace.

    `gone` is what the last run told. Keys, acts and configs are never deleted. Raises LooksEmptied unless `forced`.
    """
    check_same(source, target)
    # What is known to be gone waits in the copy for its grace, and may be more than what is left: it counts no more.
    here = {one.name for one in target.list("snapshots")} - gone.keys()
    missed = here - {one.name for one in source.list("snapshots")}
    if 2 * len(missed) > len(here) and not forced:
        raise LooksEmptied(f"{len(missed)} of {len(here)} snapshots are gone from the source of this copy")
    done = Mirrored(copy(source, target, workers=workers, progress=progress, sleep=sleep))
    now, parity = target.now(), ParityOf(target)
    for folder in FOLLOWED:
        there = {one.name for one in source.list(folder)}
        for one in list(target.list(folder)):
            if one.name not in there:
                done.gone[one.name] = gone.get(one.name, now)
                if done.gone[one.name] < now - grace:
                    _delete(target, parity, one, done)
    return done


def _delete(target: Store, parity: ParityOf, one: Listed, done: Mirrored) -> None:
    try:
        parity.delete(one.name)
        target.delete(one.name)
    except Denied:
        done.locked += 1
        return
    del done.gone[one.name]
    done.objects += 1
    done.size += one.size
