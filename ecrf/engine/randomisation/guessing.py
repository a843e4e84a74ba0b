"""How often somebody guesses right who knows what came before and always bets on the arm that is behind.

The convergence strategy of Blackwell and Hodges (Annals of Mathematical Statistics 1957; 28:449-460). Pure chance is
right as often as the largest arm comes; what is above that is what the blocks give away.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ecrf.engine.randomisation.blocks import first
from ecrf.engine.randomisation.plan import Plan
from ecrf.engine.randomisation.stream import Stream


def share_guessed(arms: Sequence[int], ratios: Sequence[int]) -> Fraction:
    """The expected share of right guesses for a sequence; where arms are equally behind, one of them is drawn."""
    counts = [0] * len(ratios)
    right = Fraction(0)
    for arm in arms:
        owed = [Fraction(counts[place], ratio) for place, ratio in enumerate(ratios)]
        behind = [place for place, share in enumerate(owed) if share == min(owed)]
        largest = max(ratios[place] for place in behind)
        bets = [place for place in behind if ratios[place] == largest]
        right += Fraction(arm in bets, len(bets))
        counts[arm] += 1
    return right / len(arms) if arms else Fraction(0)


def of_blocks(plan: Plan, seed: str, length: int = 60, times: int = 40) -> float:
    """The share for permuted blocks of these sizes, from so many drawn lists."""
    drawn = (first(Stream(seed, "guess", str(number)), plan.ratios, plan.sizes, length) for number in range(times))
    return float(sum((share_guessed(arms, plan.ratios) for arms in drawn), Fraction(0)) / times)
