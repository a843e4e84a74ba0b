"""The blobs that the indexes of one writer list, and the trees among them, opened with a pruner's key."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from backup.engine.errors import Damaged, Missing
from backup.engine.format import blobs, index, layout, packs
from backup.engine.format.cipher import Aead
from backup.engine.format.packs import Start, Written
from backup.engine.keeping.ground import Ground
from backup.engine.places import Places
from backup.engine.repository import Repository

_AT_HAND = 64 << 20
"""Bytes of packs of trees that are kept: those of one save lie beside each other."""


@dataclass(slots=True)
class Listing:
    """What one or more indexes say, in the same words, of a pack."""

    pack: Written
    start: int
    """The number of its first entry among all of the stock."""
    is_there: bool
    indexes: set[bytes] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.pack.entries) // blobs.ENTRY_SIZE


class Stock:
    def __init__(self, ground: Ground, writer: bytes) -> None:
        self._repository, self._present, self._indexes = ground.repository, ground.packs, ground.indexes
        repository = ground.repository
        self._secret = repository.key.knows("id meta", repository.config.audience(writer))
        self._numbers: dict[bytes, list[int]] = {}
        self._loaded: dict[bytes, frozenset[int]] = {}
        self._at_hand: OrderedDict[bytes, _Opened] = OrderedDict()
        self._size = 0
        listings: list[Listing] = []
        self.listings = listings
        self.places = Places(lambda number: listings[number].pack.entries)  # no way back to this: it goes at once

    def load(self, name: bytes) -> frozenset[int]:
        """Which listings an index holds. Raises Damaged, Missing."""
        if name not in self._loaded:
            if (there := self._indexes.get(name)) is not None:
                layout.check_size(there.name, there.size)
            self._loaded[name] = frozenset(self._take(name, pack) for pack in read_index(self._repository, name))
        return self._loaded[name]

    def open(self, number: int, entry: bytes) -> bytes:
        """The content of a tree or a list at one of its places. Raises Damaged."""
        pack, found = self.listings[number].pack, blobs.entry(entry)
        opened = self._opened(pack.name)
        stored = opened.raw[found.offset : found.offset + found.stored]
        aead = opened.cipher(found.key)
        repository = self._repository.config.repository
        return blobs.decrypt(aead, repository, found, stored, self._secret, layout.pack_name(pack.name))

    def _take(self, index_name: bytes, pack: Written) -> int:
        numbers = self._numbers.setdefault(pack.name, [])
        number = next((one for one in numbers if self.listings[one].pack == pack), None)
        if number is None:
            there = self._present.get(pack.name)
            listing = Listing(pack, len(self.places), there is not None and there.size == pack.size)
            self.listings.append(listing)
            number = self.places.add(pack.entries)
            numbers.append(number)
        self.listings[number].indexes.add(index_name)
        return number

    def _opened(self, pack: bytes) -> _Opened:
        found = self._at_hand.get(pack)
        if found is None:
            found = self._at_hand[pack] = _Opened(self._repository, pack)
            self._size += len(found.raw)
            while self._size > _AT_HAND and len(self._at_hand) > 1:
                _, dropped = self._at_hand.popitem(last=False)
                self._size -= len(dropped.raw)
        self._at_hand.move_to_end(pack)
        return found


class _Opened:
    """A pack of trees, read whole."""

    def __init__(self, repository: Repository, pack: bytes) -> None:
        self._name = layout.pack_name(pack)
        self._key = repository.key
        try:
            self.raw = repository.store.read(self._name)
        except Missing:
            raise Damaged(self._name, "is gone") from None
        self._start = read_start(repository, self.raw, self._name)
        self._ciphers: dict[int, Aead] = {}
        if self._start.prologue.kind != layout.META_PACK:
            raise Damaged(self._name, "is a pack of another kind than its blobs")

    def cipher(self, number: int) -> Aead:
        if number not in self._ciphers:
            self._ciphers[number] = packs.open_key(self._start, number, self._key, self._name)
        return self._ciphers[number]


def read_start(repository: Repository, raw: bytes, name: str) -> Start:
    """What stands before the blobs of a pack that was read whole. Raises Damaged."""
    start = packs.read_start(lambda offset, length: raw[offset : offset + length], repository.config.repository, name)
    packs.check_epochs(start, repository.config, name)
    return start


def read_index(repository: Repository, name: bytes) -> list[Written]:
    """What an index lists. Raises Damaged, Missing."""
    label = layout.index_name(name)
    raw = repository.store.read(label)
    if layout.parse(raw, layout.INDEX, repository.config.repository, label).epoch > repository.config.epoch.number:
        raise Damaged(label, "names an epoch that the repository doesn't have")
    return index.read(raw, name, repository.key)
