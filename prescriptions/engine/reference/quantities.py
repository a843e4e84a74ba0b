"""Comparing strengths across units: 1 g is 1000 mg, 0,05 % is 0.5 mg in each gram, 100 mg/5 mL is 20 mg/mL."""

from __future__ import annotations

import math
from typing import NamedTuple

from prescriptions.engine.schema import Strength

SCALE = {
    "g": ("mass", 1e6), "mg": ("mass", 1e3), "µg": ("mass", 1.0), "ng": ("mass", 1e-3), "UI": ("UI", 1.0),
    "MUI": ("UI", 1e6), "mmol": ("mmol", 1.0), "mEq": ("mEq", 1.0), "mL": ("mL", 1.0), "%": ("%", 1.0),
}  # fmt: skip
"""Unit -> (what it measures, how many of the smallest: micrograms, international units)."""
IN = {"mL": 1.0, "L": 1000.0, "g": 1.0, "mg": 1e-3}
PERCENT = 1e4
"""Micrograms in a millilitre or gram of 1 %."""
NEAR = 0.01
"""Relative difference of equal amounts: lists round."""


class Amount(NamedTuple):
    """A strength in the smallest unit of its kind; `density` is that of one mL or g, where it is said."""

    kind: str
    whole: float | None
    density: float | None


def measured(strength: Strength) -> Amount | None:
    """None for a unit that isn't comparable."""
    kind, scale = SCALE.get(strength.unit or "", ("", 0.0))
    if not kind or strength.value <= 0:
        return None
    if kind == "%":
        return Amount("mass", None, strength.value * PERCENT)
    whole = strength.value * scale
    per = strength.per
    if per is None or not per.value or per.unit not in IN:
        return Amount(kind, whole, None)
    return Amount(kind, whole, whole / (per.value * IN[per.unit]))


def ratio(one: Strength, other: Strength) -> float | None:
    """How many times `other` `one` is, in the way in which they can be compared that is nearest to equal; else None."""
    first, second = measured(one), measured(other)
    if first is None or second is None or first.kind != second.kind:
        return None
    found = []
    if first.density and second.density:
        found.append(first.density / second.density)
    if first.whole and second.whole and (first.density is None or second.density is None):
        found.append(first.whole / second.whole)
    return min(found, key=lambda value: abs(math.log(value)), default=None)


def same(one: Strength, other: Strength) -> bool:
    """Equal but for rounding."""
    found = ratio(one, other)
    return found is not None and abs(found - 1) <= NEAR


FACTORS = (10.0, 100.0, 1000.0, 1e6)


def slip(value: float) -> float | None:
    """The power of ten, up or down, that a ratio is: a lost comma, a misread unit."""
    for factor in FACTORS:
        for slipped in (factor, 1 / factor):
            if abs(value / slipped - 1) <= NEAR:
                return slipped
    return None
