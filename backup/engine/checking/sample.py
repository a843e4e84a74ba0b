"""Which packs a check reads whole: none, all, or a share that others see again from the same numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from blake3 import blake3

from backup.engine.checking.report import Level

Sized = tuple[bytes, int]
"""A pack and its size."""


class Sample(Protocol):
    level: Level

    def pick(self, packs: Iterable[Sized]) -> list[bytes]:
        """The packs to read, in the order in which they are read."""


@dataclass(frozen=True)
class Nothing:
    """No pack is read."""

    level = Level.QUICK

    def pick(self, packs: Iterable[Sized]) -> list[bytes]:
        return []


@dataclass(frozen=True)
class Everything:
    """Every pack is read."""

    level = Level.FULL

    def pick(self, packs: Iterable[Sized]) -> list[bytes]:
        return sorted(name for name, _ in packs)


@dataclass(frozen=True)
class Daily:
    """The packs whose turn is today: so many days in a row read everything."""

    days: int
    today: int
    """Days since any fixed day."""
    level = Level.SAMPLED

    def pick(self, packs: Iterable[Sized]) -> list[bytes]:
        turn = self.today % self.days
        return sorted(name for name, _ in packs if int.from_bytes(name[:8], "big") % self.days == turn)


@dataclass(frozen=True)
class Share:
    """A share (0 to 1) of the packs, by chance."""

    share: float
    seed: bytes
    level = Level.SAMPLED

    def pick(self, packs: Iterable[Sized]) -> list[bytes]:
        drawn = _shuffled(packs, self.seed)
        return [name for name, _ in drawn[: math.ceil(len(drawn) * self.share)]]


@dataclass(frozen=True)
class Amount:
    """Packs by chance, at most so many bytes together, but at least one pack."""

    most: int
    seed: bytes
    level = Level.SAMPLED

    def pick(self, packs: Iterable[Sized]) -> list[bytes]:
        picked: list[bytes] = []
        left = self.most
        for name, size in _shuffled(packs, self.seed):
            if picked and size > left:
                break
            picked.append(name)
            left -= size
        return picked


NOTHING, EVERYTHING = Nothing(), Everything()


def _shuffled(packs: Iterable[Sized], seed: bytes) -> list[Sized]:
    """In an order that the seed alone decides."""
    key = blake3(seed).digest()
    return sorted(packs, key=lambda one: blake3(one[0], key=key).digest())
