"""Bring back what can be: indexes from the packs' own headers, sound blobs out of damaged packs."""

from __future__ import annotations

from collections.abc import Callable

from backup.engine.checking import whole
from backup.engine.checking.mending import Mended, account, settle
from backup.engine.checking.opened import Opened, read_pack
from backup.engine.checking.packing import Packing
from backup.engine.checking.survey import Survey
from backup.engine.checking.view import View
from backup.engine.checking.walk import Walk
from backup.engine.errors import Damaged
from backup.engine.format import blobs
from backup.engine.format.keys import Role
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Snapshot


def repair_indexes(found: Survey, *, clock: Callable[[], int], dry_run: bool = False) -> Mended:
    """Write indexes that are gone or damaged anew. A survey, of whichever sample, serves one repair.

    A new one lists the packs that a snapshot of the old one needs, and those that no other index lists.
    """
    found.repository.key.require(Role.MASTER, Role.VERIFIER, Role.PRUNER)
    lost = dict(found.holdings.lost_indexes)
    users = {index: [one for one in found.snapshots if index in found.indexes_of(one)] for index in lost}
    for audience in {found.repository.config.audience(one.head.author) for some in users.values() for one in some}:
        mine = {index: [one for one in some if _audience(found, one) == audience] for index, some in users.items()}
        _relist(found, audience, {index: some for index, some in mine.items() if some})
    return settle(found, account(found), why="indexes rebuilt from packs", clock=clock, dry_run=dry_run)


def repair_packs(found: Survey, *, clock: Callable[[], int], dry_run: bool = False) -> Mended:
    """Copy what is sound in damaged packs into new ones, as it is encrypted, and condemn the old. Needs packs read."""
    found.repository.key.require(Role.MASTER, Role.VERIFIER)
    holdings = found.holdings
    instead: dict[bytes, list[Written]] = {}
    count = 0
    for pack in sorted(found.rotten):
        instead[pack], saved = _salvage(found, pack, dry_run=dry_run)
        count += saved
    lost = account(found)
    for index, audience, numbers in holdings.indexes():
        packs = [holdings.listings[number].pack.name for number in numbers]
        if not found.rotten.isdisjoint(packs):
            kept = [number for number, pack in zip(numbers, packs, strict=True) if pack not in found.rotten]
            hit = dict.fromkeys(pack for pack in packs if pack in found.rotten)
            kept += (holdings.add(written, audience) for pack in hit for written in instead[pack])
            holdings.relist(index, audience, kept)
    return settle(
        found,
        lost,
        why="what is sound was copied out of damaged packs",
        clock=clock,
        dry_run=dry_run,
        blobs=count,
        packs=[written for some in instead.values() for written in some],
        condemned=frozenset(found.rotten),
    )


def unlisted(found: Survey, audience: bytes | None) -> list[int]:
    """Packs of the store that no index in use lists, taken in by what their headers say."""
    if found.headers is None:
        found.headers = []
        for pack in sorted(found.present.keys() - found.holdings.of_pack.keys()):
            try:
                found.headers.append(whole.listed(found.repository, pack, found.present[pack]))
            except Damaged as error:
                found.problems.append(error)
    return [found.holdings.add(written, audience) for written in found.headers]


def _audience(found: Survey, snapshot: Snapshot) -> bytes | None:
    return found.repository.config.audience(snapshot.head.author)


def _relist(found: Survey, audience: bytes | None, users: dict[bytes, list[Snapshot]]) -> None:
    """Say what indexes that are lost should list, for snapshots whose blobs have the ids of one audience."""
    holdings = found.holdings
    listed = [number for number, one in enumerate(holdings.listings) if one.audience == audience]
    others = unlisted(found, audience)
    survivors = {one.id: _survivors(found, one, audience) for some in users.values() for one in some}
    for index in users:
        holdings.relist(index, audience, [*listed, *others])
    holdings.needed.clear()
    walk = Walk(found.repository, holdings, View(found.repository, holdings))
    for snapshot in {one.id: one for some in users.values() for one in some}.values():
        walk.snapshot(snapshot, found.indexes_of(snapshot), hashes=False)
    wanted = [number for number in listed if number in holdings.needed] + others
    for index, some in users.items():
        common = set.intersection(*(survivors[one.id] for one in some))
        holdings.relist(index, audience, (number for number in wanted if number not in common))


def _survivors(found: Survey, snapshot: Snapshot, audience: bytes | None) -> set[int]:
    """The listings of those of a snapshot's indexes that are sound."""
    return {number for index in found.indexes_of(snapshot) for number in found.holdings.numbers(index, audience)}


def _salvage(found: Survey, pack: bytes, *, dry_run: bool) -> tuple[list[Written], int]:
    """Copy each blob of a pack that opens into new packs: these, and how many blobs. What doesn't open is marked."""
    holdings = found.holdings
    numbers = [number for number in holdings.of_pack.get(pack, ()) if number not in holdings.distrusted]
    if not numbers:
        return [], 0
    listing = holdings.listings[numbers[0]]
    try:
        opened = Opened(found.repository, pack, read_pack(found.repository, pack)[0])
    except Damaged as error:
        holdings.unreadable.update(dict.fromkeys(numbers, error))
        return [], 0
    packing = Packing(found.repository, opened.start.prologue.kind, keep=not dry_run)
    taken: set[bytes] = set()
    for number in numbers:
        listing = holdings.listings[number]
        holdings.unreadable.pop(number, None)
        entries = blobs.entries(listing.pack.entries, listing.name)
        for ordinal, entry in enumerate(entries, holdings.start(number)):
            try:
                opened.content(entry, entry.type, listing.audience)
            except Damaged as error:
                holdings.broken[ordinal] = error
                continue
            if entry.id not in taken:
                taken.add(entry.id)
                packing.copy(entry, opened.stored(entry), opened.start.keys[entry.key])
    packing.close()
    return packing.written, len(taken)
