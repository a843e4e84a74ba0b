"""What a scheme of allocation is made of, and what can be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

from ecrf.engine.faults import Fault

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,19}")
MOST_ARMS = 8
MOST_RATIO = 20
LARGEST_BLOCK = 60
MOST_STRATA = 400
MOST_ROWS = 20_000
MEASURES = ("range", "variance", "deviation")


@dataclass(frozen=True)
class Arm:
    """`ratio`: how many subjects of this arm come on how many of the others."""

    code: str
    label: str
    ratio: int = 1


@dataclass(frozen=True)
class Factor:
    """What subjects are told apart by: an item of the form, or the site. `levels` are the codes it may have."""

    key: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """`sizes` are the sizes that blocks may have; what follows them is for minimisation alone."""

    arms: tuple[Arm, ...]
    factors: tuple[Factor, ...] = ()
    sizes: tuple[int, ...] = ()
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    """Factor -> how much its balance counts, 1 where nothing is said."""
    measure: str = "range"
    probability: Fraction = Fraction(4, 5)
    """How likely the arm is that keeps the balance best."""

    @property
    def ratios(self) -> tuple[int, ...]:
        return tuple(arm.ratio for arm in self.arms)

    @property
    def whole(self) -> int:
        """The smallest number of subjects among whom the ratio holds exactly."""
        return sum(self.ratios)

    @property
    def strata(self) -> int:
        return prod(len(factor.levels) for factor in self.factors)


def problems(plan: Plan, method: str, length: int = 0) -> list[Fault]:
    """Everything that is wrong with a plan, each at the part it is in."""
    found = [*_of_arms(plan.arms), *_of_factors(plan.factors)]
    if method != "minimisation" and plan.strata > MOST_STRATA:
        found.append(Fault("strata", "too_many_strata", {"count": plan.strata, "limit": MOST_STRATA}))
    if method == "blocks":
        found += _of_blocks(plan, length)
    if method == "minimisation":
        found += _of_minimisation(plan)
    return found


def _of_arms(arms: Sequence[Arm]) -> Iterator[Fault]:
    if not 2 <= len(arms) <= MOST_ARMS:
        yield Fault("arms", "number_of_arms", {"limit": MOST_ARMS})
    seen: set[str] = set()
    for arm in arms:
        if not CODE.fullmatch(arm.code):
            yield Fault("arms", "bad_arm_code", {"name": arm.code[:40]})
        elif arm.code.casefold() in seen:
            yield Fault("arms", "arm_twice", {"name": arm.code})
        seen.add(arm.code.casefold())
        if not arm.label.strip():
            yield Fault("arms", "arm_without_label", {"name": arm.code[:40]})
        if not 1 <= arm.ratio <= MOST_RATIO:
            yield Fault("arms", "bad_ratio", {"name": arm.code[:40], "limit": MOST_RATIO})


def _of_factors(factors: Sequence[Factor]) -> Iterator[Fault]:
    for factor in factors:
        if not factor.levels:
            yield Fault("strata", "factor_without_levels", {"name": factor.key})


def _of_blocks(plan: Plan, length: int) -> Iterator[Fault]:
    if not plan.sizes:
        yield Fault("sizes", "sizes_missing", {"whole": plan.whole})
    for size in plan.sizes:
        if size < 1 or plan.whole < 1 or size % plan.whole:
            yield Fault("sizes", "size_breaks_ratio", {"size": size, "whole": plan.whole})
        elif size > LARGEST_BLOCK:
            yield Fault("sizes", "block_too_large", {"size": size, "limit": LARGEST_BLOCK})
    if length < 1:
        yield Fault("length", "length_missing")
    elif plan.strata and length * plan.strata > MOST_ROWS:
        yield Fault("length", "table_too_long", {"count": length * plan.strata, "limit": MOST_ROWS})


def _of_minimisation(plan: Plan) -> Iterator[Fault]:
    if not plan.factors:
        yield Fault("strata", "factors_missing")
    if not Fraction(1, max(1, len(plan.arms))) < plan.probability <= 1:
        yield Fault("probability", "bad_probability", {"limit": f"1/{len(plan.arms)}"})
    if plan.measure not in MEASURES:
        yield Fault("measure", "unknown_measure", {"name": plan.measure[:40]})
    keys = {factor.key for factor in plan.factors}
    for key, weight in plan.weights.items():
        if key not in keys:
            yield Fault("weights", "weight_of_nothing", {"name": key[:100]})
        elif not 0 < weight <= 100:
            yield Fault("weights", "bad_weight", {"name": key})
