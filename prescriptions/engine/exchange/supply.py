"""How many days a line is for."""

from __future__ import annotations

from prescriptions.engine.schema import Dispense, Medication, Quantity

DAYS = {"d": 1, "wk": 7, "mo": 30, "a": 365}
"""Days of a unit of duration, as the CDM counts a supply."""


def days(medication: Medication, dispense: Dispense | None) -> int | None:
    """How long the medicine is taken: the steps one after the other, else QSP. None where a step has no length."""
    steps: dict[int, int | None] = {}
    for dosage in medication.dosage:
        length = _days(dosage.timing.bounds if dosage.timing else None)
        known = steps.get(dosage.sequence)
        steps[dosage.sequence] = max(length or 0, known or 0) or None
    told = [length for length in steps.values() if length is not None]
    if steps and len(told) == len(steps):
        return sum(told)
    return _days(dispense.qsp if dispense else None)


def _days(quantity: Quantity | None) -> int | None:
    if quantity is None or quantity.unit not in DAYS:
        return None
    most = quantity.value if quantity.value is not None else quantity.high
    return round(most * DAYS[quantity.unit]) if most else None
