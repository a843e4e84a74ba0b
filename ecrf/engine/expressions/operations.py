"""Operations on two values and between types that Python has none of its own for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from ecrf.engine import moments, numbers
from ecrf.engine.expressions.environment import Value
from ecrf.engine.partial import Partial, coincide


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
        return coincide(a, b)
    return bool(a == b)


def unequal(a: Value, b: Value) -> bool | None:
    if isinstance(a, Partial) or isinstance(b, Partial):
        found = coincide(a, b)
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
