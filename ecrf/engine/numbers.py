"""Decimal numbers as forms count: 34 significant digits, halves rounded away from zero, never an infinity.

The browser computes the same with BigInt (``static_src/ecrf/engine/decimal.js``); the shared vectors keep them equal.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

DIGITS = 34
LARGEST_EXPONENT = 300
LARGEST_POWER = 1000

exact = Context(prec=DIGITS, rounding=ROUND_HALF_UP, Emin=-9999, Emax=9999, traps=[])
wide = Context(prec=60, rounding=ROUND_HALF_UP, Emin=-999999, Emax=999999, traps=[])
unlimited = Context(prec=1000, rounding=ROUND_HALF_UP, Emin=-9999, Emax=9999, traps=[])

PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)")
ZERO = Decimal(0)


def parse(text: str) -> Decimal | None:
    """The number a plain numeral says (``12``, ``-0.5``, ``,5``), without exponent; None for anything else."""
    if len(text) > 80 or not PLAIN.fullmatch(text):
        return None
    number = Decimal(text.replace(",", "."))
    return number if len(text) <= DIGITS or len(number.as_tuple().digits) <= DIGITS else None


def write(number: Decimal) -> str:
    """The one spelling of a number: no exponent, no useless zero, no minus before zero."""
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def bounded(number: Decimal) -> Decimal | None:
    """The result of an operation, if it is one: too large is None, too small is zero."""
    if not number.is_finite() or number.adjusted() > LARGEST_EXPONENT:
        return None
    return ZERO if number.adjusted() < -LARGEST_EXPONENT else number


def add(a: Decimal, b: Decimal) -> Decimal | None:
    return bounded(exact.add(a, b))


def subtract(a: Decimal, b: Decimal) -> Decimal | None:
    return bounded(exact.subtract(a, b))


def multiply(a: Decimal, b: Decimal) -> Decimal | None:
    return bounded(exact.multiply(a, b))


def divide(a: Decimal, b: Decimal) -> Decimal | None:
    """None for a division by zero."""
    return bounded(exact.divide(a, b)) if b else None


def modulo(a: Decimal, b: Decimal) -> Decimal | None:
    """What is left of a whole division rounded down: the sign is that of `b`. None where 34 digits don't hold it."""
    if not b or (a and a.adjusted() - b.adjusted() > DIGITS):
        return None
    whole = unlimited.divide(a, b).to_integral_value(rounding=ROUND_FLOOR)
    return bounded(exact.plus(unlimited.subtract(a, unlimited.multiply(whole, b))))


def power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """Whole exponents by repeated multiplication; others by logarithm, for a base above zero."""
    if exponent == exponent.to_integral_value():
        return whole_power(base, int(exponent)) if abs(exponent) <= LARGEST_POWER else None
    if base <= 0:
        return ZERO if base == 0 and exponent > 0 else None
    scaled = wide.multiply(exponent, wide.ln(base))
    return None if abs(scaled) > 2 * LARGEST_POWER else bounded(exact.plus(wide.exp(scaled)))


def whole_power(base: Decimal, exponent: int) -> Decimal | None:
    result: Decimal | None = Decimal(1)
    square: Decimal | None = base
    left = abs(exponent)
    while left:
        if square is None or result is None:
            return None
        if left & 1:
            result = multiply(result, square)
        left >>= 1
        if left:
            square = multiply(square, square)
    if exponent >= 0 or result is None:
        return result
    return divide(Decimal(1), result)


def square_root(number: Decimal) -> Decimal | None:
    return bounded(exact.sqrt(number)) if number >= 0 else None


def exponential(number: Decimal) -> Decimal | None:
    return None if abs(number) > 2 * LARGEST_POWER else bounded(exact.plus(wide.exp(number)))


def logarithm(number: Decimal, base: Decimal | None = None) -> Decimal | None:
    """Natural, or to a base. None unless both are above zero and the base isn't 1."""
    if number <= 0 or (base is not None and (base <= 0 or base == 1)):
        return None
    natural = wide.ln(number)
    return bounded(exact.plus(natural if base is None else wide.divide(natural, wide.ln(base))))


ROUNDINGS = {"round": ROUND_HALF_UP, "floor": ROUND_FLOOR, "ceil": ROUND_CEILING}


def rounded(number: Decimal, digits: Decimal, how: str) -> Decimal | None:
    """To so many decimals (negative: tens, hundreds…), between -30 and 30."""
    if digits != digits.to_integral_value() or abs(digits) > 30:
        return None
    unit = Decimal(1).scaleb(-int(digits))
    return bounded(number.quantize(unit, rounding=ROUNDINGS[how], context=unlimited)) if number else ZERO


def total(numbers: list[Decimal]) -> Decimal | None:
    result: Decimal | None = ZERO
    for number in numbers:
        result = add(result, number) if result is not None else None
    return result


def mean(numbers: list[Decimal]) -> Decimal | None:
    whole = total(numbers)
    return None if whole is None else divide(whole, Decimal(len(numbers)))


def median(numbers: list[Decimal]) -> Decimal | None:
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else mean(ordered[middle - 1 : middle + 1])


def deviation(numbers: list[Decimal]) -> Decimal | None:
    """Standard deviation of a sample (divided by n - 1). None for fewer than two numbers."""
    centre = mean(numbers) if len(numbers) > 1 else None
    if centre is None:
        return None
    squares: list[Decimal] = []
    for number in numbers:
        distance = subtract(number, centre)
        square = None if distance is None else multiply(distance, distance)
        if square is None:
            return None
        squares.append(square)
    spread = total(squares)
    variance = None if spread is None else divide(spread, Decimal(len(numbers) - 1))
    return None if variance is None else square_root(variance)
