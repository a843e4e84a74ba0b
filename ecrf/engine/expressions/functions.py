"""What the operators of the language compute from values that are known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ecrf.engine import moments, numbers
from ecrf.engine.expressions.operators import UNIT_SECONDS
from ecrf.engine.moments import Partial

Value = Any
"""Decimal, str, bool, date, datetime, time, Partial, or None; a frozenset of codes only behind `ticked` and `count`."""


def fold(function: Callable[[Decimal, Decimal], Decimal | None]) -> Callable[..., Decimal | None]:
    def run(*values: Decimal) -> Decimal | None:
        result: Decimal | None = values[0]
        for value in values[1:]:
            if result is None:
                return None
            result = function(result, value)
        return result

    return run


def equal(a: Value, b: Value) -> bool | None:
    """Dates known in part are equal, or not, only where that is certain."""
    if isinstance(a, Partial) or isinstance(b, Partial):
        return moments.coincide(a, b)
    return bool(a == b)


def unequal(a: Value, b: Value) -> bool | None:
    if isinstance(a, Partial) or isinstance(b, Partial):
        found = moments.coincide(a, b)
        return None if found is None else not found
    return bool(a != b)


def to_number(value: Decimal | str) -> Decimal | None:
    return value if isinstance(value, Decimal) else numbers.parse(value.strip(" "))


def to_text(value: Value) -> str:
    if isinstance(value, Decimal):
        return numbers.write(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else moments.write(value)


def age(birth: date, on: date) -> Decimal | None:
    """Completed years; null before birth. Who was born on 29 February has his day on 1 March in common years."""
    years = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
    return Decimal(years) if on >= birth else None


def datediff(first: date | time, second: date | time, unit: str, signed: bool) -> Decimal | None:
    """`second` minus `first`, or the distance between the two."""
    distance = moments.seconds(second) - moments.seconds(first)
    return numbers.divide(Decimal(distance if signed else abs(distance)), Decimal(UNIT_SECONDS[unit]))


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


HUNDRED = Decimal(100)


def bmi(kg: Decimal, cm: Decimal) -> Decimal | None:
    """Body mass index in kg/m², not rounded; null unless both are above zero."""
    metres = numbers.divide(cm, HUNDRED)
    square = None if metres is None else numbers.multiply(metres, metres)
    return numbers.divide(kg, square) if square and kg > 0 and cm > 0 else None


def bsa(kg: Decimal, cm: Decimal) -> Decimal | None:
    """Body surface in m² (Mosteller, N Engl J Med 1987;317:1098); null unless both are above zero."""
    product = numbers.multiply(kg, cm) if kg > 0 and cm > 0 else None
    ratio = None if product is None else numbers.divide(product, Decimal(3600))
    return None if ratio is None else numbers.square_root(ratio)


def whole(number: Decimal) -> int:
    """A count of characters: never below zero, never absurd."""
    return int(max(Decimal(0), min(number, Decimal(100_000))))


def mid(text: str, first: Decimal, many: Decimal) -> str:
    start = max(0, whole(first) - 1)
    return text[start : start + whole(many)]


def right(text: str, many: Decimal) -> str:
    return text[max(0, len(text) - whole(many)) :]


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "not": lambda a: not a,
    "=": equal,
    "<>": unequal,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": fold(numbers.add),
    "-": numbers.subtract,
    "*": fold(numbers.multiply),
    "/": numbers.divide,
    "%": numbers.modulo,
    "^": numbers.power,
    "neg": Decimal.copy_negate,  # the operators of Decimal would round to the thread's own context
    "abs": Decimal.copy_abs,
    "sqrt": numbers.square_root,
    "exp": numbers.exponential,
    "ln": numbers.logarithm,
    "log": numbers.logarithm,
    "round": lambda a, digits: numbers.rounded(a, digits, "round"),
    "floor": lambda a, digits: numbers.rounded(a, digits, "floor"),
    "ceil": lambda a, digits: numbers.rounded(a, digits, "ceil"),
    "sum": numbers.total,
    "mean": numbers.mean,
    "median": numbers.median,
    "deviation": numbers.deviation,
    "min": min,
    "max": max,
    "bmi": bmi,
    "bsa": bsa,
    "year": part_of("year"),
    "month": part_of("month"),
    "day": part_of("day"),
    "weekday": lambda a: Decimal(a.isoweekday()),
    "make_date": make_date,
    "shift": shift,
    "earliest": lambda a: a.earliest if isinstance(a, Partial) else a,
    "latest": lambda a: a.latest if isinstance(a, Partial) else a,
    "date_of": lambda a: a.date() if isinstance(a, datetime) else a,
    "age": age,
    "datediff": datediff,
    "concat": "".join,
    "upper": str.upper,
    "lower": str.lower,
    "trim": lambda a: a.strip(" "),
    "length": lambda a: Decimal(len(a)),
    "left": lambda a, n: a[: whole(n)],
    "right": right,
    "mid": mid,
    "contains": lambda a, b: b.lower() in a.lower(),
    "starts": lambda a, b: a.lower().startswith(b.lower()),
    "ends": lambda a, b: a.lower().endswith(b.lower()),
    "number": to_number,
    "text": to_text,
}

AGGREGATES: dict[str, Callable[..., Value]] = {
    **{how: FUNCTIONS[how] for how in ("sum", "mean", "median", "min", "max")},
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "join": ", ".join,
}
"""Of the values of the rows, null left out."""
