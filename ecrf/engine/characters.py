"""Sets of characters, as ranges of code points."""

from __future__ import annotations

LAST = 0x10FFFF
Ranges = tuple[tuple[int, int], ...]

DIGITS: Ranges = ((48, 57),)
WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
SPACE: Ranges = ((9, 13), (32, 32))
CLASSES: dict[str, Ranges] = {"d": DIGITS, "w": WORD, "s": SPACE}
CONTROL = {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11}


def complement(ranges: Ranges) -> Ranges:
    found, first = [], 0
    for low, high in sorted(ranges):
        if low > first:
            found.append((first, low - 1))
        first = max(first, high + 1)
    return (*found, (first, LAST)) if first <= LAST else tuple(found)
