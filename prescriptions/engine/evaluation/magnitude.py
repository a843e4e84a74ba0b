"""Doses and strengths that are out by ten or by a thousand: the faults that harm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prescriptions.engine.safety.amounts import scale

Json = dict[str, Any]
NEAR = 1.25
"""A factor between 8 and 12.5 is one of ten."""


def magnitudes(expected: Json, got: Json) -> int:
    """1000 or 10 where a daily dose, a dose or a strength is as many times too much or too little, else 0."""
    factors = [factor for wanted, found in _pairs(expected, got) if (factor := _factor(wanted, found))]
    return max(factors, default=0)


def _factor(wanted: float, found: float) -> int:
    if wanted <= 0 or found <= 0:
        return 0
    ratio = max(wanted / found, found / wanted)
    return next((size for size in (1000, 10) if size / NEAR <= ratio <= size * NEAR), 0)


def _pairs(expected: Json, got: Json) -> Iterator[tuple[float, float]]:
    """Amounts that stand for each other: by order, and in one unit where both units are known."""
    wanted, found = (sorted((one.get("dailyDose") or {}).values()) for one in (expected, got))
    if len(wanted) == len(found):
        for pair, other in zip(wanted, found, strict=True):
            yield from zip(map(float, pair), map(float, other), strict=True)
    for lists in (("strength",), ("dosage", "dose")):
        ours, theirs = (_amounts(one, *lists) for one in (expected, got))
        if len(ours) == len(theirs):
            yield from ((a, b) for (a, unit), (b, other) in zip(ours, theirs, strict=True) if _like(unit, other))


def _amounts(one: Json, name: str, inner: str | None = None) -> list[tuple[float, str | None]]:
    found = []
    for each in one.get(name) or ():
        amount = each.get(inner) if inner else each
        if amount and (value := amount.get("value", amount.get("high"))) is not None:
            unit = amount.get("unit")
            known = scale(unit)
            found.append((float(value) * (known[unit] if known else 1.0), "" if known else unit))
    return found


def _like(unit: str | None, other: str | None) -> bool:
    """Masses compare with masses, tablets with tablets; a missing unit compares with nothing."""
    return unit is not None and unit == other
