"""Which blobs each snapshot of a writer needs, each counted once, and who else needs them."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from backup.engine.errors import Damaged, Missing
from backup.engine.format import blobs
from backup.engine.format.snapshots import Snapshot
from backup.engine.history import History
from backup.engine.keeping.needs import TYPE, below, check_ids
from backup.engine.keeping.stock import Stock

_SIZES = struct.Struct("<II")
_NOBODY, _MANY = 0, (1 << 32) - 1
_Waiting = tuple[int, int, bytes, int, int]
"""A tree or list to be opened: its number, listing and entry, how deep its ids lie, and what they lead to."""


@dataclass(frozen=True)
class Usage:
    """Sizes in bytes; each blob counts once."""

    content: int
    """What a restore brings back."""
    unpacked: int
    """What of that had to be stored, with trees and lists, before it was compressed."""
    stored: int
    """The same as it lies in the store."""
    alone: int
    """What of `stored` nothing else of the writer needs: it comes back when this goes."""

    @property
    def shared(self) -> int:
        return self.stored - self.alone

    @property
    def deduplication(self) -> float:
        return self.content / self.unpacked if self.unpacked else 1.0

    @property
    def compression(self) -> float:
        return self.unpacked / self.stored if self.stored else 1.0


class Tally:
    """Trees are opened once; what is below each is kept as numbers, so that a walk costs little."""

    def __init__(self, stock: Stock, history: History) -> None:
        self._stock, self._history = stock, history
        self._below: dict[int, array[int]] = {}
        self._stored, self._length = array("I"), array("I")
        self._of_snapshots, self._of_sources = array("I"), array("I")
        self._kept = bytearray()
        self._taken: list[tuple[Snapshot, array[int]]] = []
        self._sources: dict[str, int] = {}

    def take(self, snapshot: Snapshot, *, is_forgotten: bool) -> int:
        """Count a snapshot: the bytes as stored that none taken before needs. Raises Damaged."""
        roots = self._load(snapshot)
        self._taken.append((snapshot, roots))
        number = len(self._taken)
        source = self._sources.setdefault(snapshot.source, len(self._sources) + 1)
        added = 0
        for blob in self._walk([roots]):
            if self._of_snapshots[blob] == _NOBODY:
                added += self._stored[blob]
            for owners, owner in ((self._of_snapshots, number), (self._of_sources, source)):
                owners[blob] = owner if owners[blob] in (_NOBODY, owner) else _MANY
            self._kept[blob] |= not is_forgotten
        return added

    def snapshots(self) -> Iterator[tuple[Snapshot, Usage]]:
        """What each of those that were taken takes."""
        for number, (snapshot, roots) in enumerate(self._taken, 1):
            yield snapshot, self._usage([(snapshot, roots)], self._of_snapshots, number)

    def sources(self) -> Iterator[tuple[str, int, Usage]]:
        """How many snapshots each source has, and what they take together."""
        for source, number in self._sources.items():
            rows = [(snapshot, roots) for snapshot, roots in self._taken if snapshot.source == source]
            yield source, len(rows), self._usage(rows, self._of_sources, number)

    def only_forgotten(self) -> int:
        """Bytes as stored that only forgotten snapshots need."""
        owned = zip(self._stored, self._of_snapshots, self._kept, strict=True)
        return sum(stored for stored, owner, kept in owned if owner and not kept)

    def _usage(self, rows: list[tuple[Snapshot, array[int]]], owners: array[int], owner: int) -> Usage:
        unpacked = stored = alone = 0
        for blob in self._walk([roots for _, roots in rows]):
            unpacked += self._length[blob]
            stored += self._stored[blob]
            alone += self._stored[blob] if owners[blob] == owner else 0
        return Usage(sum(snapshot.counts.bytes for snapshot, _ in rows), unpacked, stored, alone)

    def _walk(self, roots: list[array[int]]) -> Iterator[int]:
        """The number of each blob, once."""
        seen = bytearray(len(self._stored))
        waiting = list(roots)
        nothing: array[int] = array("I")
        while waiting:
            for blob in waiting.pop():
                if not seen[blob]:
                    seen[blob] = 1
                    yield blob
                    waiting.append(self._below.get(blob, nothing))

    # Trees as numbers

    def _load(self, snapshot: Snapshot) -> array[int]:
        """The numbers of a snapshot's root trees, once everything below them is known."""
        for name in self._history.instead(snapshot.indexes):
            try:
                self._stock.load(name)
            except Missing as error:
                raise Damaged(error.name, "is gone") from None
        for sizes in (self._stored, self._length, self._of_snapshots, self._of_sources):
            sizes.frombytes(bytes((len(self._stock.places) - len(sizes)) * sizes.itemsize))
        self._kept.extend(bytes(len(self._stock.places) - len(self._kept)))
        waiting: list[_Waiting] = []
        roots = self._numbers(snapshot.root, snapshot.depth, blobs.TREE, waiting)
        while waiting:
            blob, listing, entry, depth, leaf = waiting.pop()
            if blob in self._below:
                continue
            content = self._stock.open(listing, entry)
            children: array[int] = array("I")
            for ids, deep, what in [(content, depth - 1, leaf)] if depth else below(content, entry[:32]):
                children.extend(self._numbers(ids, deep, what, waiting))
            self._below[blob] = children
        return roots

    def _numbers(self, ids: bytes, depth: int, leaf: int, waiting: list[_Waiting]) -> array[int]:
        check_ids(ids, depth, "tree")
        type_ = blobs.LIST if depth else leaf
        found: array[int] = array("I")
        for at in range(0, len(ids), 32):
            listing, blob, entry = self._find(ids[at : at + 32], type_)
            self._stored[blob], self._length[blob] = _SIZES.unpack_from(entry, 36)
            found.append(blob)
            if type_ != blobs.DATA:
                waiting.append((blob, listing, entry, depth, leaf))
        return found

    def _find(self, id_: bytes, type_: int) -> tuple[int, int, bytes]:
        for listing, blob, entry in self._stock.places.numbered(id_):
            if entry[TYPE] == type_ and self._stock.listings[listing].is_there:
                return listing, blob, entry
        raise Damaged(f"blob {id_.hex()[:16]}", "no index of the snapshot lists a copy that is there")
