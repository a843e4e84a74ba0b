"""Give older snapshots the blobs that they lost and that somebody stored again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backup.engine.checking.mending import Mended, account, settle
from backup.engine.checking.opened import Opened
from backup.engine.checking.repair import unlisted
from backup.engine.checking.survey import Survey
from backup.engine.checking.view import View
from backup.engine.checking.walk import Walk
from backup.engine.errors import Damaged
from backup.engine.format.keys import Role
from backup.engine.format.snapshots import Snapshot

Wanted = tuple[bytes | None, bytes, int]
"""A blob that is lost: whose id it is, the id, and its type."""


def heal(found: Survey, *, clock: Callable[[], int], dry_run: bool = False) -> Mended:
    """Look for a sound copy of each lost blob in every other pack. A survey serves one repair.

    Indexes also lose the packs that are gone and that nothing misses any more.
    """
    found.repository.key.require(Role.MASTER, Role.VERIFIER)
    search = _Search(found)
    given: set[Wanted] = set()
    while True:  # what lies below a lost directory shows once it is back
        new = {
            wanted
            for wanted, snapshots in _lost(found).items()
            if wanted not in given and search.give(wanted, snapshots)
        }
        if not new:
            break
        given |= new
    lost = account(found)
    missing = {index for snapshot, _ in lost for index in found.indexes_of(snapshot)}
    holdings = found.holdings
    for index, audience, numbers in holdings.indexes():
        kept = [number for number in numbers if found.stays(number)]
        if len(kept) < len(numbers) and index not in missing:
            holdings.relist(index, audience, kept)
    why = "snapshots got back what was stored again"
    return settle(found, lost, why=why, clock=clock, dry_run=dry_run, blobs=len(given))


def _lost(found: Survey) -> dict[Wanted, list[Snapshot]]:
    """The blobs that can't be had where they are listed, and the snapshots that miss them."""
    lost: dict[Wanted, list[Snapshot]] = {}
    for audience, id_, type_, snapshot in _misses(found):
        lost.setdefault((audience, id_, type_), []).append(snapshot)
    return lost


def _misses(found: Survey) -> Iterator[tuple[bytes | None, bytes, int, Snapshot]]:
    missing: set[tuple[bytes, int]] = set()
    view = View(found.repository, found.holdings, lost=lambda id_, type_: missing.add((id_, type_)))
    walk = Walk(found.repository, found.holdings, view)
    for snapshot in found.snapshots:
        walk.snapshot(snapshot, found.indexes_of(snapshot), hashes=False)
        audience = found.repository.config.audience(snapshot.head.author)
        for id_, type_ in sorted(missing):
            yield audience, id_, type_, snapshot
        missing.clear()


class _Search:
    def __init__(self, found: Survey) -> None:
        self._found = found
        self._looked_further: set[bytes | None] = set()

    def give(self, wanted: Wanted, snapshots: list[Snapshot]) -> bool:
        """List a sound copy of a blob where these snapshots see it; whether there is one."""
        audience = wanted[0]
        number = self._copy(wanted)
        if number is None and audience not in self._looked_further:
            self._looked_further.add(audience)
            unlisted(self._found, audience)
            number = self._copy(wanted)
        if number is None:
            return False
        listed = [self._list(number, wanted, snapshot) for snapshot in snapshots]
        return any(listed)

    def _copy(self, wanted: Wanted) -> int | None:
        """The listing of a pack in which the blob is, read and verified."""
        audience, id_, type_ = wanted
        holdings = self._found.holdings
        for number, ordinal, entry in holdings.find(id_):
            listing = holdings.listings[number]
            if listing.audience != audience or entry.type != type_ or holdings.trouble(number, ordinal):
                continue
            try:
                Opened(self._found.repository, listing.pack.name).content(entry, type_, audience)
            except Damaged as error:
                holdings.broken[ordinal] = error
            else:
                return number
        return None

    def _list(self, number: int, wanted: Wanted, snapshot: Snapshot) -> bool:
        """Have an index of a snapshot list a pack: the one that listed the lost copy, if one did."""
        audience, id_, _ = wanted
        holdings = self._found.holdings
        listed = {index: holdings.numbers(index, audience) for index in self._found.indexes_of(snapshot)}
        sound = [index for index in listed if index not in holdings.lost_indexes]
        if not sound:
            return False
        places = {place for place, _, _ in holdings.find(id_)}
        index = next((index for index in sound if not places.isdisjoint(listed[index])), sound[-1])
        if number not in listed[index]:
            holdings.relist(index, audience, [*listed[index], number])
        return True
