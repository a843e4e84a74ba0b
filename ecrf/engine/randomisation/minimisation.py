"""Minimisation: each subject goes, most likely, to the arm that leaves the factors most alike between the arms.

Pocock and Simon, Biometrics 1975; 31:103-115. For each arm one asks how unequal the counts of the subject's own levels
would be if he went there, adds this up over the factors, and prefers the arm with the smallest sum.

Unequal ratios: counts are divided by the ratios, and the chance of the preferred arm is the larger, the larger its
ratio (biased coin minimisation; Han, Enas and McEntegart, Statistics in Medicine 2009; 28:3329-3346), so that in the
long run the ratio is kept. With r the ratios, S their sum, and p the chance of the smallest arm where it is preferred:
another arm j than the preferred one is drawn with the chance r_j (1 - p) / (S - r_smallest).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ecrf.engine.randomisation.plan import Plan
from ecrf.engine.randomisation.stream import Stream


@dataclass(frozen=True)
class Choice:
    """The arm that was drawn; why: the sum of each arm, and those that tied for the smallest."""

    arm: int
    preferred: int
    scores: tuple[Fraction | float, ...]
    tied: tuple[int, ...]


Past = tuple[Mapping[str, str], int]
"""An earlier subject: his level of each factor, and the place of his arm."""


def choose(plan: Plan, past: Iterable[Past], levels: Mapping[str, str], stream: Stream) -> Choice:
    """Draw an arm for a subject of these levels. Raises KeyError where a factor has no level."""
    counts = counted(plan, past, levels)
    scores = tuple(
        sum(
            (
                plan.weights.get(factor.key, Fraction(1))
                * inequality(added(counts[factor.key], arm), plan.ratios, plan.measure)
                for factor in plan.factors
            ),
            start=Fraction(0),
        )
        for arm in range(len(plan.arms))
    )
    least = min(scores)
    tied = tuple(arm for arm, score in enumerate(scores) if score - least < 1e-9)
    preferred = tied[stream.pick([plan.arms[arm].ratio for arm in tied])] if len(tied) > 1 else tied[0]
    return Choice(stream.pick(chances(plan, preferred)), preferred, scores, tied)


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


def chances(plan: Plan, preferred: int) -> list[Fraction]:
    """How likely each arm is, where this one is preferred."""
    rest = (1 - plan.probability) / (plan.whole - min(plan.ratios))
    found = [rest * ratio for ratio in plan.ratios]
    found[preferred] += 1 - sum(found, Fraction(0))
    return found
