"""Which snapshots and files a test restore takes: by chance, and the same again from the same seed."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from blake3 import blake3

from backup.engine.errors import Damaged
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import FILE, Node
from backup.engine.reading.catalogue import Catalogue

SMALL = 64 << 10
"""Bytes up to which a file is a small one."""
_LARGEST = 8
"""One of so many largest files is taken, and none half as large as the largest or less."""
_HALF_LIFE = 30 * 24 * 3600 * 10**9
"""A snapshot older by this than the newest is drawn half as often."""

Drawn = tuple[bytes, Node]
"""A file by its path and node."""


@dataclass(frozen=True)
class Extent:
    """How much a test restore takes."""

    older: int = 2
    """Snapshots beside the newest of each source."""
    share: float = 0.01
    """Of the files of each snapshot; at least a small and a large one."""
    most_files: int = 1000
    """Of one snapshot."""
    most_bytes: int = 1 << 30
    """In all. Of a file that goes beyond it, nothing is read."""


def draw_snapshots(snapshots: Iterable[Snapshot], older: int, seed: bytes) -> list[Snapshot]:
    """The newest of each source, and some others, the younger the likelier.

    Efraimidis and Spirakis, Information Processing Letters 2006; 97:181.
    """
    everything = sorted(snapshots, key=lambda one: (one.received, one.name))
    newest = {one.source: one for one in everything}
    rest = [one for one in everything if newest[one.source] is not one]
    latest = everything[-1].received if everything else 0

    def weight(one: Snapshot) -> float:
        return math.pow(_chance(seed, one.id), 1 + (latest - one.received) / _HALF_LIFE)

    return [*newest.values(), *heapq.nlargest(older, rest, key=weight)]


def draw_files(
    catalogue: Catalogue, extent: Extent, seed: bytes, trouble: Callable[[bytes, Damaged], None]
) -> list[Drawn]:
    """A large file, a small one, then others as chance has them. `trouble` hears of directories that are lost."""
    salt = seed + catalogue.snapshot.id
    large: list[tuple[float, bytes, Node]] = []
    small: list[tuple[float, bytes, Node]] = []
    others: list[tuple[float, bytes, Node]] = []
    for path, node in catalogue.walk(trouble):
        if node["t"] != FILE:
            continue
        chance = _chance(salt, path)
        _push(large, _LARGEST, (node["s"], path, node))
        if node["s"] <= SMALL:
            _push(small, 2, (-chance, path, node))
        if chance < extent.share:
            _push(others, extent.most_files, (-chance, path, node))
    half = max(large)[0] / 2 if large else 0
    first = sorted((_chance(salt, b"large\0" + path), path, node) for size, path, node in large if size >= half)[:1]
    second = [one for one in sorted(small, reverse=True) if one[1] not in {path for _, path, _ in first}][:1]
    picked = [*first, *second, *sorted(others, key=lambda one: -one[0])]
    return list({path: (path, node) for _, path, node in picked}.values())


def _push(kept: list[tuple[float, bytes, Node]], most: int, one: tuple[float, bytes, Node]) -> None:
    """Keep the greatest."""
    if len(kept) < most:
        heapq.heappush(kept, one)
    else:
        heapq.heappushpop(kept, one)


def _chance(seed: bytes, what: bytes) -> float:
    """A number from 0 to 1 that the seed gives to a name."""
    return int.from_bytes(blake3(what, key=blake3(seed).digest()).digest()[:8], "big") / (1 << 64)
