"""What a plan would do, shown with numbers drawn for show: never with the seed of a real table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from ecrf.engine.randomisation import balance, guessing
from ecrf.engine.randomisation.blocks import blocks, first
from ecrf.engine.randomisation.inequality import Past
from ecrf.engine.randomisation.minimisation import choose
from ecrf.engine.randomisation.plan import Plan
from ecrf.engine.randomisation.stream import Stream

SUBJECTS = 60
TRIALS = 12


@dataclass(frozen=True)
class Preview:
    """`example`: places of arms, in blocks (one for minimisation); `guessed`: share of right guesses, `chance` that of
    who knows nothing; `gaps`: how far the worst level of a factor is from the ratio, with this plan and by pure chance.
    """

    example: tuple[tuple[int, ...], ...]
    guessed: float | None
    chance: float
    gaps: tuple[float, float]


def preview(plan: Plan, method: str, seed: str) -> Preview:
    """A plan without faults, tried on made-up subjects whose levels are all equally likely."""
    chance = max(plan.ratios) / plan.whole
    if method == "minimisation":
        past = simulated(plan, method, Stream(seed, "0"), 16)
        example: tuple[tuple[int, ...], ...] = (tuple(arm for _levels, arm in past),)
        guessed = None
    else:
        drawn = blocks(Stream(seed, "example"), plan.ratios, plan.sizes)
        example = tuple(tuple(block) for block in islice(drawn, 4))
        guessed = guessing.of_blocks(plan, seed)
    gaps = (mean_gap(plan, method, seed), mean_gap(plan, "chance", seed))
    return Preview(example, guessed, chance, gaps)


def mean_gap(plan: Plan, method: str, seed: str) -> float:
    found = [
        balance.largest_gap(plan, balance.marginal(plan, simulated(plan, method, Stream(seed, str(number)), SUBJECTS)))
        for number in range(TRIALS)
    ]
    return float(sum(found)) / TRIALS


def simulated(plan: Plan, method: str, stream: Stream, subjects: int) -> list[Past]:
    """So many made-up subjects, allocated."""
    past: list[Past] = []
    lists: dict[Sequence[str], list[int]] = {}
    for _subject in range(subjects):
        levels = {factor.key: factor.levels[stream.below(len(factor.levels))] for factor in plan.factors}
        if method == "minimisation":
            arm = choose(plan, past, levels, stream).arm
        elif method == "chance":
            arm = stream.pick(plan.ratios)
        else:
            stratum = tuple(levels.values())
            if stratum not in lists:
                lists[stratum] = first(Stream(str(stream.word())), plan.ratios, plan.sizes, subjects)
            arm = lists[stratum].pop(0)
        past.append((levels, arm))
    return past
