"""Minimisation: each subject goes, most likely, to the arm that leaves the factors most alike between the arms.

Pocock and Simon, Biometrics 1975; 31:103-115. For each arm one asks how unequal the counts of the subject's own levels
would be if he went there, adds this up over the factors, and prefers the arm with the smallest sum.

Unequal ratios: counts are divided by the ratios, and the chance of the preferred arm is the larger, the larger its
ratio (biased coin minimisation; Han, Enas and McEntegart, Statistics in Medicine 2009; 28:3329-3346), so that in the
long run the ratio is kept. With r the ratios, S their sum, and p the chance of the smallest arm where it is preferred:
another arm j than the preferred one is drawn with the chance r_j (1 - p) / (S - r_smallest).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ecrf.engine.randomisation.inequality import Past, added, counted, inequality
from ecrf.engine.randomisation.plan import Plan
from ecrf.engine.randomisation.stream import Stream


@dataclass(frozen=True)
class Choice:
    """The arm that was drawn; why: the sum of each arm, and those that tied for the smallest."""

    arm: int
    preferred: int
    scores: tuple[Fraction | float, ...]
    tied: tuple[int, ...]


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


def chances(plan: Plan, preferred: int) -> list[Fraction]:
    """How likely each arm is, where this one is preferred."""
    rest = (1 - plan.probability) / (plan.whole - min(plan.ratios))
    found = [rest * ratio for ratio in plan.ratios]
    found[preferred] += 1 - sum(found, Fraction(0))
    return found
