"""Every combination of the levels of the factors, and the way their values are told in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from ecrf.engine.randomisation.plan import Factor

Levels = Mapping[str, str]


def combinations(factors: Sequence[Factor]) -> list[dict[str, str]]:
    """One mapping factor -> level for each stratum; without factors one, which is empty."""
    keys = [factor.key for factor in factors]
    return [dict(zip(keys, levels, strict=True)) for levels in product(*(factor.levels for factor in factors))]


def name(levels: Levels) -> str:
    """A stratum as a part of the path of its stream: the same for the same levels, in whatever order they come."""
    return "\x1e".join(f"{key}={levels[key]}" for key in sorted(levels))
