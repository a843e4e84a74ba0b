"""Check with a key that may speak: vouch for what is sound, condemn what isn't, protect what is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from backup.engine.checking.check import report
from backup.engine.checking.pace import Progress, unheard
from backup.engine.checking.record import Record
from backup.engine.checking.report import Report, Seen
from backup.engine.checking.sample import Sample
from backup.engine.checking.survey import Survey, survey
from backup.engine.checking.vouching import vouch
from backup.engine.errors import Denied
from backup.engine.format import layout
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Role
from backup.engine.history import say
from backup.engine.repository import Repository
from backup.engine.stores.base import Locking


@dataclass(frozen=True)
class Scanned:
    report: Report
    vouched: int
    """Blobs that writers may rely on from now on."""
    condemned: tuple[str, ...]
    """Damaged packs, whose blobs writers store anew."""
    locked: int
    """Objects that nobody deletes for a while."""
    unlocked: tuple[str, ...]
    """Those of which the store refused to say so, and why."""


def scan(
    repository: Repository,
    sample: Sample,
    *,
    clock: Callable[[], int],
    protect: int = 0,
    expected: Iterable[Seen] = (),
    record: Record | None = None,
    workers: int = 2,
    progress: Progress = unheard,
) -> Scanned:
    """A check (backup.engine.checking.check) that acts on what it finds; with a verifier's key or the master.

    What kept snapshots need is protected for `protect` nanoseconds from now, by the store's clock, where it can be.
    """
    repository.key.require(Role.VERIFIER, Role.MASTER)
    started = clock()
    found = survey(repository, sample, expected=expected, record=record, workers=workers, progress=progress)
    result = report(found, started=started, finished=clock())
    condemned = frozenset(found.rotten - found.history.condemned.keys())
    if condemned:
        said = Said(time=clock(), why="read and found damaged")
        say(repository.store, repository.config, repository.key, found.history, Clear(condemned=condemned), said)
    vouched = vouch(found)
    locked, unlocked = _protect(found, protect, workers) if protect else (0, ())
    return Scanned(
        report=result,
        vouched=vouched,
        condemned=tuple(map(layout.pack_name, sorted(condemned))),
        locked=locked,
        unlocked=unlocked,
    )


def _protect(found: Survey, protect: int, workers: int) -> tuple[int, tuple[str, ...]]:
    """Lock everything that a restore of a kept snapshot reads: how many objects, and which couldn't be."""
    store = found.repository.store
    if not isinstance(store, Locking):
        return 0, ()
    until = store.now() + protect
    refused: list[str] = []

    def lock(name: str) -> None:
        try:
            store.lock_until(name, until)
        except Denied as error:
            refused.append(f"{name}: {error}")

    names = _needed(found)
    with ThreadPoolExecutor(workers, thread_name_prefix="lock") as pool:
        for _ in pool.map(lock, names):
            pass
    return len(names) - len(refused), tuple(sorted(refused))


def _needed(found: Survey) -> list[str]:
    holdings, store = found.holdings, found.repository.store
    names = {one.name for folder in ("config", "keys", "acts") for one in store.list(folder)}
    for snapshot in found.snapshots:
        names.add(snapshot.name)
        names.update(map(layout.index_name, set(found.indexes_of(snapshot)) - holdings.lost_indexes.keys()))
    numbers = holdings.needed if found.walked else range(len(holdings.listings))
    names.update(holdings.listings[number].name for number in numbers if number not in holdings.unreadable)
    parity = {one.name for one in store.list("parity")}
    return sorted(names | parity.intersection(map(layout.parity_name, names)))
