"""Which blobs the snapshots of one writer need: their trees are walked, their data are never opened."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress

from backup.engine.errors import Damaged, Missing
from backup.engine.format import blobs, trees
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import DIRECTORY, FILE
from backup.engine.history import History
from backup.engine.keeping.stock import Listing, Stock

TYPE = blobs.ENTRY_SIZE - 2
"""Where an entry says of which type its blob is."""
_PLACE = struct.Struct("<II")
_PLACES = struct.Struct("<32xQ12x")
_DEEPEST = 4


class Unlisted(Damaged):
    """An index is gone or damaged, so what it lists isn't known."""


@dataclass
class _View:
    """What a snapshot can read."""

    number: int
    source: str
    readable: dict[int, bool]
    """Listings of indexes in force, and whether it is good to rely on them: their packs aren't condemned."""


class Needs:
    """Marks each blob at one place, if possible in a pack that isn't condemned.

    A mark is the number of a stamp: the view for which it was made, and the sources that need the blob. A tree isn't
    walked again for a snapshot that can read all that was marked below it for another of the same source.
    """

    def __init__(self, stock: Stock, history: History) -> None:
        self._stock, self._history = stock, history
        self._marks = array("I")
        self._stamps: list[tuple[int, frozenset[str]]] = [(-1, frozenset())]
        self._numbers = {self._stamps[0]: 0}
        self._views: list[set[int]] = []
        self._view_numbers: dict[frozenset[bytes], int] = {}
        self._covered: dict[tuple[int, int], bool] = {}
        self._makeshift: set[int] = set()
        """Views for which a place had to be marked that is no good: others may have better ones."""

    def take(self, snapshot: Snapshot) -> None:
        """Mark what a snapshot needs. Raises Damaged, Unlisted where it can't be had."""
        view = self._view(snapshot)
        waiting = [(snapshot.root, snapshot.depth, blobs.TREE)]
        while waiting:
            ids, depth, leaf = waiting.pop()
            check_ids(ids, depth, snapshot.name)
            for at in range(0, len(ids), 32):
                id_ = ids[at : at + 32]
                if not depth and leaf == blobs.DATA:
                    self._stamp(view, self._places(view, id_, blobs.DATA)[0][3])
                elif (content := self._enter(view, id_, blobs.LIST if depth else leaf)) is not None:
                    waiting += [(content, depth - 1, leaf)] if depth else below(content, id_)

    def used(self) -> Iterator[tuple[Listing, array[int]]]:
        """Each listing with the places in its pack that are needed, as `size_of` takes them apart, ascending."""
        for listing in self._stock.listings:
            marks = self._marks[listing.start : listing.start + len(listing)]
            places = (place for (place,) in _PLACES.iter_unpack(listing.pack.entries))
            yield listing, array("Q", sorted(set(compress(places, marks))))

    def sizes(self) -> dict[frozenset[str], int]:
        """Bytes as they are stored, by the sources that need them."""
        found = [0] * len(self._stamps)
        for listing in self._stock.listings:
            marks = self._marks[listing.start : listing.start + len(listing)]
            for (place,), mark in zip(_PLACES.iter_unpack(listing.pack.entries), marks, strict=False):
                found[mark] += size_of(place)
        totals: dict[frozenset[str], int] = {}
        for (_, sources), size in zip(self._stamps[1:], found[1:], strict=True):
            totals[sources] = totals.get(sources, 0) + size
        return totals

    # The walk

    def _enter(self, view: _View, id_: bytes, type_: int) -> bytes | None:
        """The content of a tree or a list, unless all below it is marked already."""
        trouble: Damaged | None = None
        for _, _, number, ordinal, entry in self._places(view, id_, type_):
            if not self._stamp(view, ordinal):
                return None
            try:
                return self._stock.open(number, entry)
            except Damaged as error:
                trouble = trouble or error
        assert trouble is not None
        raise trouble

    def _stamp(self, view: _View, ordinal: int) -> bool:
        """Mark a blob: whether what is below it has to be marked too."""
        before, sources = self._stamps[self._marks[ordinal]]
        covered = self._covers(before, view.number)
        if covered and view.source in sources:
            return False
        stamp = (before if covered else view.number, sources | {view.source})
        if stamp not in self._numbers:
            self._numbers[stamp] = len(self._stamps)
            self._stamps.append(stamp)
        self._marks[ordinal] = self._numbers[stamp]
        return True

    def _covers(self, before: int, now: int) -> bool:
        if before < 0 or before == now:
            return before == now
        pair = (before, now)
        if pair not in self._covered:
            self._covered[pair] = self._views[before] <= self._views[now]
        return self._covered[pair] and before not in self._makeshift

    def _places(self, view: _View, id_: bytes, type_: int) -> list[tuple[bool, bool, int, int, bytes]]:
        """Where a snapshot finds a blob, the best first: whether it is good, is marked; listing, number, entry."""
        found = [
            (view.readable[number], self._marks[ordinal] > 0, number, ordinal, entry)
            for number, ordinal, entry in self._stock.places.numbered(id_)
            if number in view.readable and entry[TYPE] == type_ and self._is_inside(number, entry)
        ]
        if not found:
            raise Damaged(f"blob {id_.hex()[:16]}", "no index of the snapshot lists a copy that is there")
        found.sort(reverse=True)
        if not found[0][0]:
            self._makeshift.add(view.number)
        return found

    def _is_inside(self, number: int, entry: bytes) -> bool:
        offset, size = _PLACE.unpack_from(entry, 32)
        return bool(offset + size <= self._stock.listings[number].pack.size)

    # What a snapshot can read

    def _view(self, snapshot: Snapshot) -> _View:
        in_force = frozenset(self._history.instead(snapshot.indexes))
        readable: set[int] = set()
        trouble: Unlisted | None = None
        for name in sorted(in_force):
            try:
                readable |= self._stock.load(name)
            except Missing as error:
                trouble = trouble or Unlisted(error.name, "is gone")
            except Damaged as error:
                trouble = trouble or Unlisted(error.name, error.why)
        self._grow()
        if trouble is not None:  # what can be read is read all the same: it tells whose the packs are
            raise trouble
        number = self._view_numbers.setdefault(in_force, len(self._views))
        if number == len(self._views):
            self._views.append(readable)
        packs, condemned = self._stock.listings, self._history.condemned
        good = {number: packs[number].pack.name not in condemned for number in readable if packs[number].is_there}
        return _View(number, snapshot.source, good)

    def _grow(self) -> None:
        self._marks.frombytes(bytes((len(self._stock.places) - len(self._marks)) * self._marks.itemsize))


def size_of(place: int) -> int:
    """The size in a place, which is an offset and a size in one number."""
    return place >> 32


def check_ids(ids: bytes, depth: int, name: str) -> None:
    """Raises Damaged for a list of ids that no writer makes."""
    if len(ids) % 32 or not isinstance(depth, int) or not 0 <= depth <= _DEEPEST:
        raise Damaged(name, "a list of ids is malformed")


def below(content: bytes, id_: bytes) -> list[tuple[bytes, int, int]]:
    """What a tree holds: ids, their depth, and the type of what they lead to."""
    nodes = trees.parse(content, None, f"tree {id_.hex()[:16]}")
    leaves = {FILE: blobs.DATA, DIRECTORY: blobs.TREE}
    return [(node["c"], node.get("p", 0), leaves[node["t"]]) for node in nodes if node["t"] in leaves and node["c"]]
