"""Which blobs the snapshots of one writer need: their trees are walked, their data are never opened."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
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
    """What some snapshots read with, and where their blobs were marked: a byte for each listing."""

    number: int
    reads: int
    marked: bytearray
    changes: int = 0
    is_makeshift: bool = False
    """A place had to be marked that is no good: other views may have better ones."""
    covered: dict[int, tuple[int, bool]] = field(default_factory=dict)
    """Of other views, at a state of theirs, whether all that was marked for them can be read with this one."""

    def mark(self, listing: int) -> None:
        if not self.marked[listing]:
            self.marked[listing] = 1
            self.changes += 1

    def covers(self, other: _View) -> bool:
        if other is self:
            return True
        state, result = self.covered.get(other.number, (-1, False))
        if state != other.changes:
            theirs = int.from_bytes(other.marked, "little")
            result = not theirs & ~self.reads
            self.covered[other.number] = other.changes, result
            if result:
                ours = int.from_bytes(self.marked, "little") | theirs
                self.marked[:] = ours.to_bytes(len(self.marked), "little")
                self.changes += 1
        return result and not other.is_makeshift


@dataclass(frozen=True)
class _Reader:
    """A snapshot that is looked at."""

    view: _View
    source: str
    readable: dict[int, bool]
    """Listings of indexes in force, and whether it is good to rely on them: their packs aren't condemned."""


_Place = tuple[bool, bool, int, int, bytes]
"""Whether it is good, whether it is marked already; listing, number, entry."""


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
        self._views: list[_View] = []
        self._view_of: dict[frozenset[bytes], _View] = {}

    def take(self, snapshot: Snapshot) -> None:
        """Mark what a snapshot needs. Raises Damaged, Unlisted where it can't be had."""
        reader = self._reader(snapshot)
        waiting = [(snapshot.root, snapshot.depth, blobs.TREE)]
        while waiting:
            ids, depth, leaf = waiting.pop()
            check_ids(ids, depth, snapshot.name)
            for at in range(0, len(ids), 32):
                id_ = ids[at : at + 32]
                if not depth and leaf == blobs.DATA:
                    self._stamp(reader, self._places(reader, id_, blobs.DATA)[0], is_leaf=True)
                elif (content := self._enter(reader, id_, blobs.LIST if depth else leaf)) is not None:
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

    def _enter(self, reader: _Reader, id_: bytes, type_: int) -> bytes | None:
        """The content of a tree or a list, unless all below it is marked already."""
        trouble: Damaged | None = None
        for place in self._places(reader, id_, type_):
            if not self._stamp(reader, place):
                return None
            try:
                return self._stock.open(place[2], place[4])
            except Damaged as error:
                trouble = trouble or error
        assert trouble is not None
        raise trouble

    def _stamp(self, reader: _Reader, place: _Place, *, is_leaf: bool = False) -> bool:
        """Mark a blob at a place: whether what is below it has to be marked too."""
        is_good, is_marked, listing, number, _ = place
        view = reader.view
        view.mark(listing)
        view.is_makeshift = view.is_makeshift or not is_good
        before, sources = self._stamps[self._marks[number]]
        covered = is_marked and (is_leaf or view.covers(self._views[before]))
        if covered and reader.source in sources:
            return False
        stamp = (before if covered else view.number, sources | {reader.source})
        if stamp not in self._numbers:
            self._numbers[stamp] = len(self._stamps)
            self._stamps.append(stamp)
        self._marks[number] = self._numbers[stamp]
        return True

    def _places(self, reader: _Reader, id_: bytes, type_: int) -> list[_Place]:
        """Where a snapshot finds a blob, the best place first."""
        found = [
            (reader.readable[listing], self._marks[number] > 0, listing, number, entry)
            for listing, number, entry in self._stock.places.numbered(id_)
            if listing in reader.readable and entry[TYPE] == type_ and self._is_inside(listing, entry)
        ]
        if not found:
            raise Damaged(f"blob {id_.hex()[:16]}", "no index of the snapshot lists a copy that is there")
        return sorted(found, reverse=True) if len(found) > 1 else found

    def _is_inside(self, number: int, entry: bytes) -> bool:
        offset, size = _PLACE.unpack_from(entry, 32)
        return bool(offset + size <= self._stock.listings[number].pack.size)

    # What a snapshot can read

    def _reader(self, snapshot: Snapshot) -> _Reader:
        in_force = frozenset(self._history.instead(snapshot.indexes))
        listed: set[int] = set()
        trouble: Unlisted | None = None
        for name in sorted(in_force):
            try:
                listed |= self._stock.load(name)
            except Missing as error:
                trouble = trouble or Unlisted(error.name, "is gone")
            except Damaged as error:
                trouble = trouble or Unlisted(error.name, error.why)
        listings, condemned = self._stock.listings, self._history.condemned
        self._marks.frombytes(bytes((len(self._stock.places) - len(self._marks)) * self._marks.itemsize))
        for view in self._views:
            view.marked.extend(bytes(len(listings) - len(view.marked)))
        if trouble is not None:  # what can be read is read all the same: it tells whose the packs are
            raise trouble
        if in_force not in self._view_of:
            flags = bytearray(len(listings))
            for number in listed:
                flags[number] = 1
            view = _View(len(self._views), int.from_bytes(flags, "little"), bytearray(len(listings)))
            self._view_of[in_force] = view
            self._views.append(view)
        good = {one: listings[one].pack.name not in condemned for one in listed if listings[one].is_there}
        return _Reader(self._view_of[in_force], snapshot.source, good)


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
