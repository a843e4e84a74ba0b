"""How far apart the counts of arms are, as minimisation measures it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from ecrf.engine.randomisation.plan import Plan

Past = tuple[Mapping[str, str], int]
"""An earlier subject: his level of each factor, and the place of his arm."""


def counted(plan: Plan, past: Iterable[Past], levels: Mapping[str, str]) -> dict[str, list[int]]:
    """For each factor, how many earlier subjects of this subject's level are in each arm."""
    wanted = [(factor.key, levels[factor.key]) for factor in plan.factors]
    counts = {key: [0] * len(plan.arms) for key, _level in wanted}
    for theirs, arm in past:
        for key, level in wanted:
            if theirs.get(key) == level:
                counts[key][arm] += 1
    return counts


def added(counts: Sequence[int], arm: int) -> list[int]:
    return [count + (place == arm) for place, count in enumerate(counts)]


def inequality(counts: Sequence[int], ratios: Sequence[int], measure: str) -> Fraction | float:
    """How far apart the counts are, each divided by its arm's ratio: range, variance or standard deviation."""
    shares = [Fraction(count, ratio) for count, ratio in zip(counts, ratios, strict=True)]
    if measure == "range":
        return max(shares) - min(shares)
    mean = sum(shares, Fraction(0)) / len(shares)
    variance = sum(((share - mean) ** 2 for share in shares), Fraction(0)) / (len(shares) - 1)
    return float(variance) ** 0.5 if measure == "deviation" else variance
