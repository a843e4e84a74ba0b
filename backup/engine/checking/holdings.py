"""What the indexes in use list: packs, where each blob lies in them, and which are lost. 60 bytes for a blob."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backup.engine.errors import Damaged, Missing
from backup.engine.format import blobs, cipher, layout
from backup.engine.format.blobs import Entry
from backup.engine.format.packs import Written
from backup.engine.places import Places
from backup.engine.reading.catalogue import read_index
from backup.engine.repository import Repository


@dataclass(frozen=True, slots=True)
class Listing:
    """A pack as an index lists it."""

    pack: Written
    audience: bytes | None
    """Whose ids its blobs have: one writer's in an isolated repository, everybody's (None) elsewhere."""
    key: bytes
    """What tells it from another listing of the same pack."""

    @property
    def name(self) -> str:
        return layout.pack_name(self.pack.name)


class Bits:
    """A set of numbers below a bound, in one bit each."""

    def __init__(self, bound: int) -> None:
        self._bytes = bytearray(bound // 8 + 1)

    def __contains__(self, number: int) -> bool:
        return bool(self._bytes[number >> 3] & 1 << (number & 7))

    def add(self, number: int) -> None:
        self._bytes[number >> 3] |= 1 << (number & 7)


class Holdings:
    """Every listing has a number, and every blob of every listing an ordinal. One thread at a time."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self.listings: list[Listing] = []
        self.of_pack: dict[bytes, list[int]] = {}
        self.lost_indexes: dict[bytes, Damaged] = {}
        self.unreadable: dict[int, Damaged] = {}
        """Listings of which no blob can be had, and why."""
        self.broken: dict[int, Damaged] = {}
        """Single blobs that can't be had, by ordinal, and why."""
        self.mended: set[bytes] = set()
        """Packs whose bytes are damaged, and that are read as their parity mends them."""
        self.relisted: set[bytes] = set()
        """Indexes that should list something else than they do."""
        self.distrusted: set[int] = set()
        """Listings that aren't what the pack's own header says."""
        self.needed: set[int] = set()
        """Listings in which a blob lies that a kept snapshot needs, as far as trees were walked."""
        self._numbers: dict[bytes, int] = {}
        self._of_index: dict[tuple[bytes, bytes | None], array[int]] = {}
        self._starts: list[int] = []
        self._places = Places(lambda number: self.listings[number].pack.entries)

    def __len__(self) -> int:
        """How many blobs are listed."""
        return len(self._places)

    def load(self, index: bytes, audience: bytes | None, size: int) -> None:
        """Take in an index of so many bytes; one that is gone or isn't what was written is among the lost ones."""
        if (index, audience) in self._of_index or index in self.lost_indexes:
            return
        try:
            layout.check_size(layout.index_name(index), size)
            listed = read_index(self._repository, index)
        except Missing as error:
            self.lost_indexes[index] = Damaged(error.name, "is gone")
        except Damaged as error:
            self.lost_indexes[index] = error
        else:
            self._of_index[index, audience] = array("L", [self.add(pack, audience) for pack in listed])

    def add(self, pack: Written, audience: bytes | None) -> int:
        """The number of a listing, which is taken in where it is new."""
        parts = (self._repository.config.repository, audience or b"", pack.name, pack.kind, pack.entries)
        key = cipher.digest(*parts, pack.size.to_bytes(8, "little"))[:16]
        number = self._numbers.get(key)
        if number is None:
            self._starts.append(len(self._places))
            number = self._numbers[key] = self._places.add(pack.entries)
            self.listings.append(Listing(pack, audience, key))
            self.of_pack.setdefault(pack.name, []).append(number)
        return number

    def numbers(self, index: bytes, audience: bytes | None) -> array[int]:
        """The listings of an index; none of one that couldn't be loaded."""
        return self._of_index.get((index, audience), array("L"))

    def indexes(self) -> list[tuple[bytes, bytes | None, array[int]]]:
        """Every index that was loaded, whose ids its blobs have, and its listings."""
        return [(index, audience, numbers) for (index, audience), numbers in self._of_index.items()]

    def relist(self, index: bytes, audience: bytes | None, numbers: Iterable[int]) -> None:
        """Say what an index should list from now on; nothing is written."""
        self._of_index[index, audience] = array("L", numbers)
        self.lost_indexes.pop(index, None)
        self.relisted.add(index)

    def find(self, id_: bytes) -> Iterator[tuple[int, int, Entry]]:
        """Every place of a blob: the number of the listing, the ordinal, and the entry."""
        for number, ordinal, raw in self._places.numbered(id_):
            yield number, ordinal, blobs.entry(raw)

    def trouble(self, number: int, ordinal: int) -> Damaged | None:
        """Why a blob can't be had from a place; None where nothing is known against it."""
        return self.unreadable.get(number) or self.broken.get(ordinal)

    def start(self, number: int) -> int:
        """The ordinal of the first blob of a listing."""
        return self._starts[number]
