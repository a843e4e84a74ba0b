"""What becomes of each pack: decided over facts, with no store and no key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from backup.engine.format import blobs, layout, packs

_ALLOWANCE = re.compile(r"(\d+)(?:(%)|([KMGT]?)(?:i?B)?)")
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
MOST_SMALL = 64
"""So many small packs of one kind and owner are joined, though that fills none."""


@dataclass(frozen=True)
class Allowance:
    """How much waste may lie in packs that are needed: a share of what is needed, or bytes."""

    share: float = 0.0
    size: int = 0

    @classmethod
    def parse(cls, text: str) -> Allowance:
        """`5%`, `500M` or `unlimited`. Raises ValueError."""
        if text == "unlimited":
            return cls(share=float("inf"))
        found = _ALLOWANCE.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no allowance: write it like 5%, 500M or unlimited")
        count, percent, unit = found.groups()
        return cls(share=int(count) / 100) if percent else cls(size=int(count) << _UNITS[unit or ""])

    def of(self, used: int) -> float:
        return max(used * self.share, self.size) if used else self.size


@dataclass(frozen=True)
class Economy:
    """How much work is worth how much room."""

    most_waste: float = 0.5
    """A pack more of which is waste is written anew without it."""
    max_unused: Allowance | None = None
    """Where given, this decides instead: the emptiest packs are written anew until no more waste is left."""
    max_rewrite: int | None = None
    """Bytes written anew in one run at most."""
    join: bool = True
    """Whether small packs are joined into large ones."""


@dataclass(frozen=True)
class Pack:
    """What is known of a pack that is needed and may be written anew."""

    name: bytes
    kind: bytes
    owners: frozenset[bytes]
    size: int
    used: int
    blobs: int
    received: int

    @property
    def waste(self) -> int:
        return max(self.size - self.used - packs.START - self.blobs * blobs.ENTRY_SIZE, 0)

    @property
    def share(self) -> float:
        return self.waste / self.size if self.size else 0.0  # anybody can put an empty object there

    @property
    def bin(self) -> tuple[bytes, frozenset[bytes]]:
        """Packs are joined with those of the same kind and the same writers."""
        return self.kind, self.owners


@dataclass
class Rewriting:
    """Packs to be written anew, in this order, and why others weren't."""

    packs: list[Pack] = field(default_factory=list)
    size: int = 0
    put_off: int = 0
    """How many are left for another run."""


def choose(found: Iterable[Pack], economy: Economy) -> Rewriting:
    """Which packs are worth writing anew: those of trees first, then the emptiest, then small ones to be joined."""
    candidates = sorted(found, key=lambda pack: (pack.kind != layout.META_PACK, -pack.share, pack.received, pack.name))
    wasteful = _wasteful(candidates, economy)
    chosen = Rewriting()
    for pack in [*wasteful, *(_joined(candidates, wasteful) if economy.join else ())]:
        if economy.max_rewrite is not None and chosen.size + pack.used > economy.max_rewrite:
            chosen.put_off += 1
            continue
        chosen.packs.append(pack)
        chosen.size += pack.used
    return chosen


def _wasteful(candidates: list[Pack], economy: Economy) -> list[Pack]:
    if economy.max_unused is None:
        return [pack for pack in candidates if pack.share > economy.most_waste]
    left = sum(pack.waste for pack in candidates)
    most = economy.max_unused.of(sum(pack.used for pack in candidates))
    chosen = []
    for pack in candidates:
        if left > most and pack.waste:
            chosen.append(pack)
            left -= pack.waste
    return chosen


def _joined(candidates: list[Pack], wasteful: list[Pack]) -> list[Pack]:
    """Small packs that, with what is written anew anyhow, fill at least one pack; or that are too many."""
    small: dict[tuple[bytes, frozenset[bytes]], list[Pack]] = {}
    rest: dict[tuple[bytes, frozenset[bytes]], int] = {}
    taken = {pack.name for pack in wasteful}
    for pack in candidates:
        if pack.name in taken:
            rest[pack.bin] = (rest.get(pack.bin, 0) + pack.used) % packs.TARGET
        elif pack.size < packs.TARGET:
            small.setdefault(pack.bin, []).append(pack)
    return [
        pack
        for key, members in small.items()
        if rest.get(key, 0) + sum(pack.used for pack in members) >= packs.TARGET or len(members) > MOST_SMALL
        for pack in sorted(members, key=lambda pack: (pack.received, pack.name))
    ]
