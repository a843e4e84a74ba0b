"""Permuted blocks: in each, every arm comes as often as its ratio says, in an order that nobody can foresee.

Sizes are drawn too, so that who knows what came before doesn't know where a block ends (Matts and Lachin, Controlled
Clinical Trials 1988; 9:327-344).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from ecrf.engine.randomisation.stream import Stream


def blocks(stream: Stream, ratios: Sequence[int], sizes: Sequence[int]) -> Iterator[list[int]]:
    """Blocks without end, each a list of places of arms. Raises ValueError where a size breaks the ratio."""
    whole = sum(ratios)
    if not sizes or any(size < 1 or size % whole for size in sizes):
        raise ValueError(f"each size must be a multiple of {whole}")
    return _drawn(stream, ratios, sizes, whole)


def _drawn(stream: Stream, ratios: Sequence[int], sizes: Sequence[int], whole: int) -> Iterator[list[int]]:
    while True:
        times = sizes[stream.below(len(sizes))] // whole
        yield stream.shuffled([arm for arm, ratio in enumerate(ratios) for _time in range(ratio * times)])


def sequence(stream: Stream, ratios: Sequence[int], sizes: Sequence[int], length: int) -> list[int]:
    """Whole blocks until there are at least `length` places. A longer sequence of the same stream begins the same."""
    found: list[int] = []
    for block in blocks(stream, ratios, sizes):
        if len(found) >= length:
            break
        found += block
    return found


def first(stream: Stream, ratios: Sequence[int], sizes: Sequence[int], length: int) -> list[int]:
    """Exactly so many places, the last block cut where they end."""
    return list(islice(chain.from_iterable(blocks(stream, ratios, sizes)), length))
