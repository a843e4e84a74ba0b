"""Operators on dates and times of day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

from ecrf.engine import moments, numbers
from ecrf.engine.expressions.operators import UNIT_SECONDS
from ecrf.engine.partial import Partial


def part_of(name: str) -> Callable[[date | Partial], Decimal | None]:
    """The year, the month or the day; null where a partial date doesn't know it."""

    def run(moment: date | Partial) -> Decimal | None:
        part = getattr(moment, name)
        return None if part is None else Decimal(part)

    return run


def small(number: Decimal) -> int | None:
    """A whole number that can be a year, or a step in time."""
    if abs(number) > moments.LARGEST_SHIFT or number != number.to_integral_value():
        return None
    return int(number)


def shift(moment: date | time, many: Decimal, unit: str) -> date | time | None:
    step = small(many)
    return None if step is None else moments.shift(moment, step, unit)


def make_date(year: Decimal, month: Decimal, day: Decimal) -> date | None:
    parts = [small(year), small(month), small(day)]
    return None if None in parts else moments.make(*parts)  # type: ignore[arg-type]


def age(birth: date, on: date) -> Decimal | None:
    """Completed years; null before birth. Who was born on 29 February has his day on 1 March in common years."""
    years = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
    return Decimal(years) if on >= birth else None


def datediff(first: date | time, second: date | time, unit: str, signed: bool) -> Decimal | None:
    """`second` minus `first`, or the distance between the two."""
    distance = moments.seconds(second) - moments.seconds(first)
    return numbers.divide(Decimal(distance if signed else abs(distance)), Decimal(UNIT_SECONDS[unit]))
