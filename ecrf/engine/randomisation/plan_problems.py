"""What can be wrong with a scheme of allocation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ecrf.engine.faults import Fault
from ecrf.engine.randomisation import limits
from ecrf.engine.randomisation.plan import Arm, Factor, Plan


def problems(plan: Plan, method: str, length: int = 0) -> list[Fault]:
    """Everything that is wrong with a plan, each at the part it is in."""
    found = [*_of_arms(plan.arms), *_of_factors(plan.factors)]
    if method != "minimisation" and plan.strata > limits.MOST_STRATA:
        found.append(Fault("strata", "too_many_strata", {"count": plan.strata, "limit": limits.MOST_STRATA}))
    if method == "blocks":
        found += _of_blocks(plan, length)
    if method == "minimisation":
        found += _of_minimisation(plan)
    return found


def _of_arms(arms: Sequence[Arm]) -> Iterator[Fault]:
    if not 2 <= len(arms) <= limits.MOST_ARMS:
        yield Fault("arms", "number_of_arms", {"limit": limits.MOST_ARMS})
    seen: set[str] = set()
    for arm in arms:
        if not limits.CODE.fullmatch(arm.code):
            yield Fault("arms", "bad_arm_code", {"name": arm.code[:40]})
        elif arm.code.casefold() in seen:
            yield Fault("arms", "arm_twice", {"name": arm.code})
        seen.add(arm.code.casefold())
        if not arm.label.strip():
            yield Fault("arms", "arm_without_label", {"name": arm.code[:40]})
        if not 1 <= arm.ratio <= limits.MOST_RATIO:
            yield Fault("arms", "bad_ratio", {"name": arm.code[:40], "limit": limits.MOST_RATIO})


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
        elif size > limits.LARGEST_BLOCK:
            yield Fault("sizes", "block_too_large", {"size": size, "limit": limits.LARGEST_BLOCK})
    if length < 1:
        yield Fault("length", "length_missing")
    elif plan.strata and length * plan.strata > limits.MOST_ROWS:
        yield Fault("length", "table_too_long", {"count": length * plan.strata, "limit": limits.MOST_ROWS})


def _of_minimisation(plan: Plan) -> Iterator[Fault]:
    if not plan.factors:
        yield Fault("strata", "factors_missing")
    if not Fraction(1, max(1, len(plan.arms))) < plan.probability <= 1:
        yield Fault("probability", "bad_probability", {"limit": f"1/{len(plan.arms)}"})
    if plan.measure not in limits.MEASURES:
        yield Fault("measure", "unknown_measure", {"name": plan.measure[:40]})
    keys = {factor.key for factor in plan.factors}
    for key, weight in plan.weights.items():
        if key not in keys:
            yield Fault("weights", "weight_of_nothing", {"name": key[:100]})
        elif not 0 < weight <= 100:
            yield Fault("weights", "bad_weight", {"name": key})
