"""Amounts as FHIR quantities, ranges and ratios of the guide: UCUM or EDQM where there is a code, else words only."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from prescriptions.engine.exchange.codes import TIMES, UCUM, coded, named
from prescriptions.engine.schema import Limit, Quantity, Rate
from prescriptions.engine.words.units import MEASURED, TAKEN

Json = dict[str, Any]
DAY, CLOSE = 86_400, 120
"""Seconds of a day, and how far from whole days a period may end: 23:59:59 and 23:59 are meant as midnight."""
_device = re.compile(r"(.+) de ([0-9]+(?:\.[0-9]+)?) kg")
_spelt = {word.casefold(): unit for table in (TAKEN, MEASURED) for unit in table for word in (unit, f"{unit}s")}


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


# the way back -------------------------------------------------------------------------------------------------------


def unit_of(quantity: Json) -> str | None:
    """Our word: that of the text where it is one of ours, else that of the code, else the text as it stands."""
    said = quantity.get("unit")
    if said and (ours := _spelt.get(said.casefold())):
        return ours
    return named(quantity.get("system", ""), quantity.get("code", "")) or said


def read_dose(element: Json) -> Quantity | None:
    """The dose of a `doseAndRate`."""
    if one := element.get("doseQuantity"):
        made = Quantity(value=_value(one), unit=unit_of(one))
    elif ends := element.get("doseRange"):
        low, high = ends.get("low"), ends.get("high")
        made = Quantity(low=_value(low), high=_value(high), unit=unit_of(low or high or {}))
    else:
        return None
    if made.unit and (device := _device.fullmatch(made.unit)):
        return Quantity(made.value, made.low, made.high, device[1], float(device[2]))
    return made


def read_bounds(repeat: Json) -> Quantity | None:
    """The duration of a `Timing.repeat`; that of dates in whole days, the last one included."""
    if one := repeat.get("boundsDuration"):
        return Quantity(value=float(one["value"]), unit=one.get("code"))
    if ends := repeat.get("boundsRange"):
        low, high = ends.get("low"), ends.get("high")
        return Quantity(low=_value(low), high=_value(high), unit=(low or high or {}).get("code"))
    return _between(repeat.get("boundsPeriod", {}))


def _between(period: Json) -> Quantity | None:
    """From a start to an end; a date without an hour lasts until its evening. None for what is no number of days."""
    try:
        start = dt.datetime.fromisoformat(period["start"])
        end = dt.datetime.fromisoformat(period["end"])
        seconds = (end - start).total_seconds()
    except (KeyError, ValueError, TypeError):
        return None
    last = DAY if len(period["end"]) == len("2026-11-12") else 0
    days = round((seconds + last) / DAY)
    whole = days > 0 and abs(seconds + last - days * DAY) <= CLOSE
    return Quantity(value=float(days), unit="d") if whole else None


def read_limit(ratio: Json) -> Limit | None:
    top, bottom = ratio.get("numerator", {}), ratio.get("denominator", {})
    if "value" not in top or bottom.get("code") not in TIMES:
        return None
    return Limit(float(top["value"]), unit_of(top), float(bottom.get("value", 1)), bottom["code"])


def read_rate(ratio: Json) -> Rate | None:
    top, bottom = ratio.get("numerator", {}), ratio.get("denominator", {})
    if "value" not in top or bottom.get("code") not in TIMES:
        return None
    return Rate(float(top["value"]), unit_of(top) or "", float(bottom.get("value", 1)), bottom["code"])


def _value(end: Json | None) -> float | None:
    return float(number(end["value"])) if end and "value" in end else None
