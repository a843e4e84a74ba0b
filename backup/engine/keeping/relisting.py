"""Indexes that take the place of others: everything those list that still lives, where it lies now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from backup.engine.format import blobs, index, layout
from backup.engine.format.packs import Written
from backup.engine.keeping.joining import Moved
from backup.engine.keeping.stock import read_index
from backup.engine.repository import Repository

_INDEX_BYTES = 8 << 20
"""Entries that one index lists at most."""
_STEP = blobs.ENTRY_SIZE


@dataclass
class Relisted:
    """What a row of indexes lists once it is gone through."""

    packs: dict[bytes, Written] = field(default_factory=dict)
    fresh: dict[bytes, Written] = field(default_factory=dict)
    """The part of it that lies in new packs."""


def relist(
    repository: Repository,
    old: Iterable[bytes],
    moved: Mapping[bytes, Mapping[bytes, Moved]],
    is_there: Callable[[bytes], bool],
) -> Relisted:
    """What these indexes list of packs that are there, what was moved at its new place.

    What nobody needed stays listed at its old place as long as that is there: a snapshot that is under way may.
    """
    found = Relisted()
    for name in old:
        for pack in read_index(repository, name):
            here = moved.get(pack.name, {})
            for one in _at_new_places(here, pack.entries):
                _add(found.packs, one)
                _add(found.fresh, one)
            rest = b"".join(entry for entry in _split(pack.entries) if entry not in here) if here else pack.entries
            if rest and is_there(pack.name):
                _add(found.packs, replace(pack, entries=rest))
    return found


def wanted(
    repository: Repository, indexes: Iterable[bytes], places: Mapping[bytes, Collection[int]]
) -> dict[bytes, list[bytes]]:
    """The entries at these places of these packs, each once, however many indexes list it."""
    found: dict[bytes, dict[bytes, None]] = {pack: {} for pack in places}
    for name in indexes:
        for pack in read_index(repository, name):
            if pack.name in places:
                here = places[pack.name]
                found[pack.name] |= {entry: None for entry in _split(pack.entries) if _place(entry) in here}
    return {pack: list(entries) for pack, entries in found.items()}


def write(repository: Repository, packs: Iterable[Written], created: list[str]) -> list[bytes]:
    """Write indexes that list these packs: their names. `created` grows with each object."""
    names = []
    for part in _parts(packs):
        digest, raw = index.write(repository.config, part)
        repository.store.create(layout.index_name(digest), [raw])
        created.append(layout.index_name(digest))
        names.append(digest)
    return names


def _parts(packs: Iterable[Written]) -> Iterator[list[Written]]:
    part: list[Written] = []
    size = 0
    for pack in packs:
        part.append(pack)
        size += len(pack.entries)
        if size >= _INDEX_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _at_new_places(moved: Mapping[bytes, Moved], entries: bytes) -> Iterator[Written]:
    grouped: dict[bytes, list[Moved]] = {}
    for entry in _split(entries):
        if entry in moved:
            grouped.setdefault(moved[entry].pack, []).append(moved[entry])
    for pack, found in grouped.items():
        yield Written(pack, found[0].size, found[0].kind, b"".join(one.new for one in found))


def _add(packs: dict[bytes, Written], pack: Written) -> None:
    """List a pack, or what of it isn't listed yet."""
    before = packs.get(pack.name)
    if before is None:
        packs[pack.name] = pack
    elif before.entries != pack.entries:
        entries = dict.fromkeys([*_split(before.entries), *_split(pack.entries)])
        packs[pack.name] = Written(pack.name, pack.size, pack.kind, b"".join(entries))


def _split(entries: bytes) -> Iterator[bytes]:
    return (entries[at : at + _STEP] for at in range(0, len(entries), _STEP))


def _place(entry: bytes) -> int:
    return int.from_bytes(entry[32:40], "little")
