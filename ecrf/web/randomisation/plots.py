"""Bars of counts, each in a row of the table that has its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SPAN = 100


@dataclass(frozen=True)
class Segment:
    """A part of a bar, in hundredths of its width; `look` is its number in the palette."""

    x: float
    width: float
    look: int


def stacked(counts: Sequence[int], whole: int) -> list[Segment]:
    """Parts one after the other, on a bar on which `whole` is everything."""
    found, x = [], 0.0
    for look, count in enumerate(counts, 1):
        width = SPAN * count / whole if whole else 0.0
        if width:
            found.append(Segment(round(x, 2), round(width, 2), look))
        x += width
    return found
