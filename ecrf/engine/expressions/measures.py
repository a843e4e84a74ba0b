"""Measures of the body."""

from __future__ import annotations

from decimal import Decimal

from ecrf.engine import numbers

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
