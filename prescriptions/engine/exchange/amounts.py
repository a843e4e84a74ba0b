"""FHIR quantities, ranges, ratios and periods as our amounts."""

from __future__ import annotations

import re
from typing import Any

from prescriptions.engine.exchange.codes import TIMES, named
from prescriptions.engine.exchange.periods import between
from prescriptions.engine.exchange.quantities import number
from prescriptions.engine.schema import Limit, Quantity, Rate
from prescriptions.engine.words.units import MEASURED, TAKEN

Json = dict[str, Any]
_device = re.compile(r"(.+) de ([0-9]+(?:\.[0-9]+)?) kg")
_spelt = {word.casefold(): unit for table in (TAKEN, MEASURED) for unit in table for word in (unit, f"{unit}s")}


def unit_of(quantity: Json) -> str | None:
    """Our word: that of the text where it is one of ours, else that of the code, else the text as it stands."""
    said = quantity.get("unit")
    if said and (ours := _spelt.get(said.casefold())):
        return ours
    return named(quantity.get("system", ""), quantity.get("code", "")) or said


def read_dose(element: Json) -> Quantity | None:
    """The dose of a `doseAndRate`."""
    if one := element.get("doseQuantity"):
        made = Quantity(value=value_of(one), unit=unit_of(one))
    elif ends := element.get("doseRange"):
        low, high = ends.get("low"), ends.get("high")
        made = Quantity(low=value_of(low), high=value_of(high), unit=unit_of(low or high or {}))
    else:
        return None
    if made.unit and (device := _device.fullmatch(made.unit)):
        return Quantity(made.value, made.low, made.high, device[1], float(device[2]))
    return made


def read_bounds(repeat: Json) -> Quantity | None:
    """The duration of a `Timing.repeat`; that of dates in whole days, the last one included."""
    if one := repeat.get("boundsDuration"):
        return Quantity(value=value_of(one), unit=one.get("code"))
    if ends := repeat.get("boundsRange"):
        low, high = ends.get("low"), ends.get("high")
        return Quantity(low=value_of(low), high=value_of(high), unit=(low or high or {}).get("code"))
    return between(repeat.get("boundsPeriod", {}))


def read_limit(ratio: Json) -> Limit | None:
    return Limit(*parts) if (parts := _parts(ratio)) else None


def read_rate(ratio: Json) -> Rate | None:
    return Rate(parts[0], parts[1] or "", *parts[2:]) if (parts := _parts(ratio)) else None


def _parts(ratio: Json) -> tuple[float, str | None, float, str] | None:
    """So much of a unit in so much time; None for a ratio that is no such thing."""
    top, bottom = ratio.get("numerator", {}), ratio.get("denominator", {})
    if "value" not in top or bottom.get("code") not in TIMES:
        return None
    return float(top["value"]), unit_of(top), float(bottom.get("value", 1)), bottom["code"]


def value_of(end: Json | None) -> float | None:
    """Six decimals, as it would be written; None where there is none."""
    return float(number(end["value"])) if end and "value" in end else None
