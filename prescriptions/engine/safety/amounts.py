"""How much substance a dose is: `2 comprimés` of 500 mg are 1000 mg."""

from __future__ import annotations

from dataclasses import dataclass

from prescriptions.engine.reference.product import Product
from prescriptions.engine.schema import Quantity, Strength

IN_MG = {"ng": 1e-6, "µg": 1e-3, "mg": 1.0, "g": 1e3}
IN_UI = {"UI": 1.0, "MUI": 1e6}
SCALES = (IN_MG, IN_UI)
COUNTED = frozenset({
    "comprimé", "gélule", "capsule", "sachet", "ampoule", "suppositoire", "ovule", "bouffée", "inhalation",
    "pulvérisation", "injection", "seringue", "unidose", "dosette", "dose", "pastille", "lyophilisat", "film", "gomme",
    "patch", "emplâtre",
})  # fmt: skip
"""Units that hold one strength each. A spoon, a drop, an application or a bag hold what only the product tells."""
VOLUMES = {"mL": 1.0, "L": 1000.0, "cuillère à café": 5.0, "cuillère à soupe": 15.0}
"""Millilitres."""
HOURS = {"min": 1 / 60, "h": 1.0, "d": 24.0}
TIMES = frozenset(HOURS)


@dataclass(frozen=True, slots=True)
class Content:
    """What one unit of the medicine holds, and where that is known from: `line`, `product`, or `assumed` its unit."""

    strength: Strength
    source: str


def content(strengths: tuple[Strength, ...], product: Product | None, unit: str | None = None) -> Content | None:
    """The first strength read, else that of the product's first substance; a bare number is taken in `unit`.

    A line that says `1 g/125 mg` names the substance that counts first; so does the table of maxima.
    """
    if strengths and strengths[0].unit:
        return Content(strengths[0], "line")
    known = [one.strength for one in product.substances if one.strength is not None] if product else []
    if known:
        return Content(known[0], "product")
    if strengths and unit:
        return Content(Strength(strengths[0].value, unit, strengths[0].per), "assumed")
    return None


def scale(unit: str | None) -> dict[str, float] | None:
    """The units that this one can be converted to."""
    return next((one for one in SCALES if unit in one), None)


def convert(value: float, unit: str | None, into: str) -> float | None:
    """A mass in another unit of mass, or units in millions of units; None between what can't be converted."""
    known = scale(unit)
    if known is None or unit is None or into not in known:
        return None
    return value * known[unit] / known[into]


def ends(quantity: Quantity) -> tuple[float, float] | None:
    """The least and the most of an amount."""
    low = quantity.low if quantity.value is None else quantity.value
    high = quantity.high if quantity.value is None else quantity.value
    return None if low is None or high is None else (low, high)


def substance(value: float, unit: str | None, held: Content | None, into: str) -> float | None:
    """How much substance `value` units are, in `into`; None where neither the unit nor the strength tells.

    Patches given per hour are counted by their rate: `into` is then `µg/h` or `mg/24h`.
    """
    if "/" in into:
        return _delivered(value, held, into)
    direct = convert(value, unit, into)
    if direct is not None or held is None:
        return direct
    strength = held.strength
    if unit in COUNTED:
        return convert(value * strength.value, strength.unit, into)
    if unit in VOLUMES and strength.per and strength.per.unit in VOLUMES and strength.per.value:
        volume = value * VOLUMES[unit] / (strength.per.value * VOLUMES[strength.per.unit])
        return convert(volume * strength.value, strength.unit, into)
    return None


def _delivered(patches: float, held: Content | None, into: str) -> float | None:
    unit, _, period = into.partition("/")
    wanted = 24.0 if period == "24h" else 1.0
    if held is None:
        return None
    strength = held.strength
    mass = convert(strength.value * patches, strength.unit, unit)
    if mass is None:
        return None
    per = strength.per
    if per is None or per.unit not in TIMES or not per.value:
        return mass  # `fentanyl 25 µg`: what is written of a patch without a time is its rate
    return mass * wanted / (per.value * HOURS[per.unit])
