"""What a day of a line amounts to, and whether it goes up or down."""

from __future__ import annotations

from prescriptions.engine import wording
from prescriptions.engine.schema import Medication, Quantity
from prescriptions.engine.words.units import MASSES

COUNTED = frozenset({"comprimé", "gélule", "capsule", "sachet", "ampoule", "suppositoire", "patch", "ovule"})
"""Units of which one holds the whole strength."""
GRAMS = {"g": 1000.0, "mg": 1.0, "µg": 0.001}


def daily(medication: Medication) -> str:
    """What the doses amount to, step by step: `2 comprimés par jour`, `4 comprimés par semaine`."""
    weekly = any(dosage.timing and dosage.timing.day_of_week for dosage in medication.dosage)
    times, period = (7, "par semaine") if weekly else (1, "par jour")
    said = []
    for key, (low, high) in medication.daily_dose.items():
        unit, least, most = _unit(key), round(low * times, 3), round(high * times, 3)
        quantity = Quantity(value=least, unit=unit) if least == most else Quantity(low=least, high=most, unit=unit)
        said.append(wording.amount(quantity))
    return f"{' → '.join(said)} {period}" if said else ""


def direction(before: Medication, after: Medication) -> str:
    """Whether a day's dose goes up or down: in the substance where both lines tell it, else in the same unit.

    Lines with several steps, or with ranges that overlap, have none.
    """
    first, second = _day(before), _day(after)
    if first is None or second is None or first[2] != second[2]:
        return ""
    return "up" if second[0] > first[1] + 1e-9 else "down" if second[1] < first[0] - 1e-9 else ""


def _day(medication: Medication) -> tuple[float, float, str] | None:
    """(least, most, unit) of a day: masses in milligrams, by the strength of what is counted where there is one."""
    if len(medication.daily_dose) != 1:
        return None
    (key, (low, high)) = next(iter(medication.daily_dose.items()))
    unit = _unit(key) or ""
    if unit in COUNTED and len(medication.strength) == 1 and medication.strength[0].per is None:
        strength = medication.strength[0]
        if strength.unit in MASSES:
            low, high, unit = low * strength.value, high * strength.value, strength.unit
    scale = GRAMS.get(unit)
    return (low * scale, high * scale, "mg") if scale else (low, high, unit)


def _unit(key: str) -> str | None:
    unit = key.partition("|")[2]
    return None if unit == "None" else unit
