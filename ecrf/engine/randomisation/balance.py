"""How alike the arms are: counts by arm, by stratum and by level of each factor, and how far from the ratio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ecrf.engine.randomisation.plan import Plan


@dataclass(frozen=True)
class Line:
    """The subjects of one level of one factor (or all, where `factor` is empty), by arm in the order of the plan."""

    factor: str
    level: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


def marginal(plan: Plan, subjects: Iterable[tuple[Mapping[str, str], int]]) -> list[Line]:
    """All subjects, then those of each level of each factor; levels that nobody has are there too."""
    cells: dict[tuple[str, str], list[int]] = {("", ""): [0] * len(plan.arms)}
    for factor in plan.factors:
        cells |= {(factor.key, level): [0] * len(plan.arms) for level in factor.levels}
    for levels, arm in subjects:
        for cell in (("", ""), *levels.items()):
            cells.setdefault(cell, [0] * len(plan.arms))[arm] += 1
    return [Line(factor, level, tuple(counts)) for (factor, level), counts in cells.items()]


def gap(counts: Sequence[int], ratios: Sequence[int]) -> Fraction:
    """How many subjects, at most, an arm has more or fewer than the ratio would give it."""
    total, whole = sum(counts), sum(ratios)
    return max(abs(count - Fraction(total * ratio, whole)) for count, ratio in zip(counts, ratios, strict=True))


def largest_gap(plan: Plan, lines: Iterable[Line]) -> Fraction:
    """Of all levels of all factors, the gap of the worst."""
    return max((gap(line.counts, plan.ratios) for line in lines), default=Fraction(0))
