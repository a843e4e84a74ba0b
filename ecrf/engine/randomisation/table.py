"""The allocation table made from a seed: permuted blocks for each stratum, kit numbers that tell nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ecrf.engine.randomisation import blocks
from ecrf.engine.randomisation.plan import Plan
from ecrf.engine.randomisation.strata import combinations, name
from ecrf.engine.randomisation.stream import Stream

KITS = range(10_000, 100_000)


@dataclass(frozen=True)
class Row:
    """One place of the table; those of one stratum are taken in the order of the table."""

    levels: dict[str, str]
    arm: str
    kit: str = ""


def generate(seed: str, plan: Plan, length: int) -> list[Row]:
    """At least `length` places for each stratum."""
    return [row for levels in combinations(plan.factors) for row in of_stratum(seed, plan, levels, length)]


def of_stratum(seed: str, plan: Plan, levels: dict[str, str], length: int, skip: int = 0) -> list[Row]:
    """Whole blocks until there are `length` places, without the first `skip`.

    Each stratum has a stream of its own: a longer table of the same seed begins as the shorter one.
    """
    stream = Stream(seed, "table", name(levels))
    places = blocks.sequence(stream, plan.ratios, plan.sizes, length)
    return [Row(levels, plan.arms[place].code) for place in places[skip:]]


def with_kits(seed: str, rows: Sequence[Row], taken: Collection[str] = ()) -> list[Row]:
    """Each place with a kit number of five digits, drawn so that it tells neither arm nor order."""
    numbers = kits(Stream(seed, "kits", str(len(taken))), taken)
    return [replace(row, kit=next(numbers)) for row in rows]


def kits(stream: Stream, taken: Collection[str]) -> Iterator[str]:
    """Kit numbers that were not taken, without end as long as there are some."""
    used = set(taken)
    while len(used) < len(KITS):
        number = str(KITS[stream.below(len(KITS))])
        if number not in used:
            used.add(number)
            yield number
