"""Tell writers which blobs a verifier has read and found sound, so that they needn't store them again."""

from __future__ import annotations

from collections.abc import Iterator

from backup.engine.checking import objects
from backup.engine.checking.holdings import Bits, Holdings
from backup.engine.checking.survey import Survey
from backup.engine.errors import Damaged
from backup.engine.format import blobs, layout
from backup.engine.format.packs import Written

_LARGEST = 16 << 20
"""Entries in one manifest."""


def vouch(found: Survey) -> int:
    """Publish what was found sound and what no manifest lists yet, for those who can use it: how many blobs."""
    count = 0
    for audience, numbers in _audiences(found).items():
        vouched = _vouched(found, audience)
        waiting: list[Written] = []
        size = 0
        for pack in _new(found.holdings, numbers, vouched):
            waiting.append(pack)
            size += len(pack.entries)
            count += len(pack.entries) // blobs.ENTRY_SIZE
            if size >= _LARGEST:
                found.repository.publish(audience, waiting)
                waiting, size = [], 0
        if waiting:
            found.repository.publish(audience, waiting)
    return count


def _audiences(found: Survey) -> dict[bytes, list[int]]:
    """The listings whose pack was read and is sound, by those who may use their blobs."""
    holdings = found.holdings
    numbers: dict[bytes, list[int]] = {}
    for pack in sorted((found.read | found.passed) - found.rotten - found.history.condemned.keys()):
        for number in holdings.of_pack.get(pack, ()):
            if number not in holdings.unreadable and number not in holdings.distrusted:
                audience = holdings.listings[number].audience or layout.EVERYBODY
                numbers.setdefault(audience, []).append(number)
    return numbers


def _vouched(found: Survey, audience: bytes) -> Bits:
    """The blobs that manifests for an audience list already, in packs that are there to stay."""
    holdings = found.holdings
    vouched = Bits(len(holdings))
    for one in objects.manifests(found.repository, found.history.badges, f"manifests/{audience.hex()}"):
        if isinstance(one, Damaged):
            continue
        for pack in one.packs:
            if pack.name in found.history.condemned or pack.name in found.rotten:
                continue
            listed = set(blobs.ids(pack.entries))
            for number in set(holdings.of_pack.get(pack.name, ())) - holdings.unreadable.keys():
                ids = blobs.ids(holdings.listings[number].pack.entries)
                for ordinal, id_ in enumerate(ids, holdings.start(number)):
                    if id_ in listed:
                        vouched.add(ordinal)
    return vouched


def _new(holdings: Holdings, numbers: list[int], vouched: Bits) -> Iterator[Written]:
    """Packs with those of their blobs that nobody has vouched for; these are marked."""
    for number in numbers:
        pack = holdings.listings[number].pack
        entries = []
        for which, entry in enumerate(blobs.entries(pack.entries, "listing")):
            ordinal = holdings.start(number) + which
            known = any(place in vouched for _, place, _ in holdings.find(entry.id))
            if not known and ordinal not in holdings.broken:
                vouched.add(ordinal)
                entries.append(bytes(entry))
        if entries:
            yield Written(pack.name, pack.size, pack.kind, b"".join(entries))
