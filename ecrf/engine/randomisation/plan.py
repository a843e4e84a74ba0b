"""What a scheme of allocation is made of, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod


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
