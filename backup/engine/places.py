"""Where blobs lie: millions of ids in eight bytes each, beside the packs' own lists of them."""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from backup.engine.format import blobs
from backup.engine.format.blobs import Entry

_PREFIX = struct.Struct(f">Q{blobs.ENTRY_SIZE - 8}x")
_ORDINAL_BITS = 28
_ORDINALS = (1 << _ORDINAL_BITS) - 1
_PREFIXES = (1 << 36) - 1
_BUCKETS = 1 << 12


class Places:
    """Every blob of a row of packs, by id.

    A bucket (the first 12 bits of the id) holds numbers of 64 bits: the next 36 bits of the id, then which entry of
    all it is. So a look is a bisection and, where those bits are equal, a comparison with the entry itself.
    """

    def __init__(self, entries_of: Callable[[int], bytes]) -> None:
        """`entries_of` gives the entries of a pack by its number, as `add` counts them."""
        self._entries_of = entries_of
        self._starts: list[int] = []
        self._count = 0
        self._buckets: list[array[int] | None] = [None] * _BUCKETS
        self._unsorted: set[int] = set()

    def __len__(self) -> int:
        return self._count

    def add(self, entries: bytes) -> int:
        """Take in a pack's entries: the pack's number."""
        buckets, unsorted = self._buckets, self._unsorted
        start = self._count
        self._starts.append(start)
        for ordinal, (head,) in enumerate(_PREFIX.iter_unpack(entries), start):
            number = head >> 52
            bucket = buckets[number]
            if bucket is None:
                bucket = buckets[number] = array("Q")
            bucket.append((head >> 16 & _PREFIXES) << _ORDINAL_BITS | ordinal)
            unsorted.add(number)
        self._count = start + len(entries) // blobs.ENTRY_SIZE
        if self._count > _ORDINALS:
            raise OverflowError("more blobs than one index can hold")
        return len(self._starts) - 1

    def find(self, id_: bytes) -> Iterator[tuple[int, Entry]]:
        """Every place of a blob: the number of its pack, and its entry there. Not while another thread adds."""
        for pack, _, raw in self.numbered(id_):
            yield pack, blobs.entry(raw)

    def numbered(self, id_: bytes) -> Iterator[tuple[int, int, bytes]]:
        """As `find`, with the number of each entry among all that were added, and the entry packed."""
        head = int.from_bytes(id_[:8], "big")
        number = head >> 52
        bucket = self._buckets[number]
        if bucket is None:
            return
        if number in self._unsorted:
            bucket = self._buckets[number] = array("Q", sorted(bucket))
            self._unsorted.discard(number)
        low = (head >> 16 & _PREFIXES) << _ORDINAL_BITS
        at = bisect_left(bucket, low)
        while at < len(bucket) and bucket[at] <= low | _ORDINALS:
            ordinal = bucket[at] & _ORDINALS
            pack = bisect_right(self._starts, ordinal) - 1
            offset = (ordinal - self._starts[pack]) * blobs.ENTRY_SIZE
            raw = self._entries_of(pack)[offset : offset + blobs.ENTRY_SIZE]
            if raw[:32] == id_:
                yield pack, ordinal, raw
            at += 1

    def __contains__(self, id_: bytes) -> bool:
        return next(self.find(id_), None) is not None
