"""What repairs have in common: indexes written anew, the act that puts them in place, an account of what is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from backup.engine.checking.check import touched
from backup.engine.checking.indexing import write_indexes
from backup.engine.checking.report import Touched
from backup.engine.checking.survey import Survey
from backup.engine.checking.view import View
from backup.engine.checking.walk import CONTENT, Losses, Walk
from backup.engine.format import layout
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Role
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Snapshot
from backup.engine.history import say


@dataclass(frozen=True)
class Mended:
    """What a repair did, or would do."""

    dry_run: bool
    blobs: int
    """Blobs that were copied out of damaged packs, or looked for elsewhere and found."""
    packs: tuple[str, ...]
    indexes: tuple[str, ...]
    replaced: tuple[str, ...]
    """Indexes that nobody reads any more."""
    condemned: tuple[str, ...]
    lost: tuple[Touched, ...]
    """What no copy is left of in this repository."""
    whole: tuple[str, ...]
    """Snapshots that can be restored whole."""


def account(found: Survey) -> list[tuple[Snapshot, Losses]]:
    """What snapshots lack now that indexes list something else. Files with a wrong hash don't get better by that."""
    walk = Walk(found.repository, found.holdings, View(found.repository, found.holdings))
    wrong = {snapshot.id: losses for snapshot, losses in found.touched}
    result = []
    for snapshot in found.snapshots:
        losses = walk.snapshot(snapshot, found.indexes_of(snapshot), hashes=False)
        named = {path for path, _ in losses.found}
        before = wrong.get(snapshot.id, Losses()).found
        losses.found += ((path, why) for path, why in before if why.name == CONTENT and path not in named)
        if losses.found:
            result.append((snapshot, losses))
    return result


def settle(
    found: Survey,
    lost: list[tuple[Snapshot, Losses]],
    *,
    why: str,
    clock: Callable[[], int],
    dry_run: bool,
    blobs: int = 0,
    packs: Iterable[Written] = (),
    condemned: frozenset[bytes] = frozenset(),
) -> Mended:
    """Write each index that is to list something else, and say that it is read instead. Raises KeyRefused."""
    moved = []
    for old, listed in _relisted(found):
        moved.append(((old,), write_indexes(found.repository, listed, dry_run=dry_run)))
    replaced = frozenset(old for (old,), _ in moved)
    keeper = found.repository.key.role in (Role.MASTER, Role.PRUNER)
    clear = Clear(condemned=condemned, leaving=replaced if keeper else frozenset(), moved=tuple(moved))
    if not dry_run and (moved or condemned):
        repository = found.repository
        said = Said(time=clock(), why=why)
        say(repository.store, repository.config, repository.key, found.history, clear, said)
    hit = {snapshot.id for snapshot, _ in lost}
    return Mended(
        dry_run=dry_run,
        blobs=blobs,
        packs=tuple(layout.pack_name(pack.name) for pack in packs),
        indexes=tuple(layout.index_name(name) for _, new in moved for name in new),
        replaced=tuple(map(layout.index_name, sorted(replaced))),
        condemned=tuple(map(layout.pack_name, sorted(condemned))),
        lost=tuple(touched(snapshot, losses) for snapshot, losses in lost),
        whole=tuple(snapshot.id.hex() for snapshot in found.snapshots if snapshot.id not in hit),
    )


def _relisted(found: Survey) -> Iterator[tuple[bytes, list[Written]]]:
    """Each index to be replaced, and what is to be listed instead, every pack once."""
    holdings = found.holdings
    packs: dict[bytes, dict[tuple[bytes, bytes], Written]] = {name: {} for name in sorted(holdings.relisted)}
    for name, _, numbers in holdings.indexes():
        if name in packs:
            listed = (holdings.listings[number].pack for number in numbers)
            packs[name].update({(pack.name, pack.entries): pack for pack in listed})
    return ((name, list(listed.values())) for name, listed in packs.items())
