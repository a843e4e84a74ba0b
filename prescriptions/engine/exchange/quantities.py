"""Amounts as FHIR quantities, ranges and ratios of the guide: UCUM or EDQM where there is a code, else words only."""

from __future__ import annotations

from typing import Any

from prescriptions.engine.exchange.codes import TIMES, UCUM, coded
from prescriptions.engine.schema import Limit, Quantity, Rate

Json = dict[str, Any]


def number(value: float) -> float | int:
    """Six decimals (a third is 0.333333), and whole numbers without any."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def simple(value: float, unit: str | None) -> Json:
    """A SimpleQuantity: code and system together, or neither."""
    made: Json = {"value": number(value)}
    if unit:
        made["unit"] = unit
        if code := coded(unit):
            made["system"], made["code"] = code
    return made


def duration(value: float, unit: str) -> Json:
    return {"value": number(value), "unit": TIMES[unit], "system": UCUM, "code": unit}


def dose(quantity: Quantity) -> Json:
    """`doseQuantity` or `doseRange`; a dose by the marks of a syringe is counted in `dose de 12 kg`."""
    unit = quantity.unit
    if quantity.weight_kg:
        unit = f"{unit or 'dose'} de {number(quantity.weight_kg)} kg"
    if quantity.value is not None:
        return {"doseQuantity": simple(quantity.value, unit)}
    ends = {"low": quantity.low, "high": quantity.high}
    return {"doseRange": {end: simple(value, unit) for end, value in ends.items() if value is not None}}


def bounds(quantity: Quantity) -> Json:
    """`boundsDuration` or `boundsRange`."""
    assert quantity.unit is not None
    if quantity.value is not None:
        return {"boundsDuration": duration(quantity.value, quantity.unit)}
    ends = {"low": quantity.low, "high": quantity.high}
    return {"boundsRange": {end: duration(value, quantity.unit) for end, value in ends.items() if value is not None}}


def limit(most: Limit) -> Json:
    return {"numerator": simple(most.value, most.unit), "denominator": duration(most.period, most.period_unit)}


def rate(found: Rate) -> Json:
    return {"numerator": simple(found.value, found.unit), "denominator": duration(found.per, found.per_unit)}
