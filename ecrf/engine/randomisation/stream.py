"""The random numbers of allocations: SHA-256 in counter mode, so that a seed gives the same on every machine for good.

Python promises for none of its generators that shuffles stay the same from version to version; a trial must be able to
show, ten years later, that its table came from its seed. The rule is short enough to be written again in any language:

- key = SHA-256 of the UTF-8 text ``suite-randomisation-1`` and the seed and the names of the path, joined by U+001F;
- block i = SHA-256(key, then i as 8 bytes, big endian), i = 0, 1, 2 …, read as four 64-bit numbers, big endian;
- a number below n: the next 64-bit number that is below the largest multiple of n, modulo n;
- a shuffle: for i from the last place down to the second, swap the places i and below(i + 1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import TypeVar

T = TypeVar("T")
NAME = "suite-randomisation-1"
SPAN = 1 << 64


class Stream:
    """The numbers of one seed and path: what is drawn on one path says nothing about another."""

    def __init__(self, seed: str, *path: str) -> None:
        self.key = hashlib.sha256("\x1f".join((NAME, seed, *path)).encode()).digest()
        self.block = 0
        self.words: list[int] = []

    def word(self) -> int:
        """The next whole number below 2⁶⁴."""
        if not self.words:
            digest = hashlib.sha256(self.key + self.block.to_bytes(8, "big")).digest()
            self.block += 1
            self.words = [int.from_bytes(digest[place : place + 8], "big") for place in (24, 16, 8, 0)]
        return self.words.pop()

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1, each equally likely. Raises ValueError for a limit below 1."""
        if limit < 1 or limit > SPAN:
            raise ValueError("the limit must be at least 1, and at most 2**64")
        fair = SPAN - SPAN % limit
        while (number := self.word()) >= fair:
            continue
        return number % limit

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in an order of which each is equally likely (Fisher and Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def pick(self, weights: Sequence[Fraction | int]) -> int:
        """A place, each as likely as its weight says. Exact: fractions are brought to whole numbers first."""
        fractions = [Fraction(weight) for weight in weights]
        whole = lcm(*(fraction.denominator for fraction in fractions))
        counts = [int(fraction * whole) for fraction in fractions]
        drawn = self.below(sum(counts))
        for place, count in enumerate(counts):
            if drawn < count:
                return place
            drawn -= count
        raise AssertionError("what was drawn is below the sum")
