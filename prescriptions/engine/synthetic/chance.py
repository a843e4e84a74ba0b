"""Randomness that depends on the seed and the place alone: any document is drawn again without those before it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def chance_of(*place: object) -> random.Random:
    """The source of randomness of a place: `chance_of(seed, "document", 12)`."""
    digest = hashlib.sha256("/".join(map(str, place)).encode()).digest()
    return random.Random(int.from_bytes(digest[:16], "big"))  # noqa: S311 - drawn, not secret


def weighted(chance: random.Random, items: Sequence[T], weights: Sequence[float]) -> T:
    """One of the items, as often as its weight says."""
    return chance.choices(items, weights=weights, k=1)[0]


def happens(chance: random.Random, share: float) -> bool:
    return chance.random() < share
