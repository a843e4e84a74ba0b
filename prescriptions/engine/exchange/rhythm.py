"""FHIR `Timing.repeat` as our rhythm."""

from __future__ import annotations

from typing import Any

from prescriptions.engine.exchange.amounts import read_bounds
from prescriptions.engine.schema import Quantity, Timing

Json = dict[str, Any]


def read(repeat: Json) -> tuple[Timing | None, Quantity | None]:
    """(rhythm, least interval) of a `Timing.repeat`. Where only one of them is told, R4 takes 1 for the other."""
    gap = None
    counted = dict(repeat)
    if counted.get("frequencyMax") == 1 and "frequency" not in counted and "period" in counted:
        gap = Quantity(value=float(counted.pop("period")), unit=counted.pop("periodUnit", None))
        counted.pop("frequencyMax")
    elif "periodUnit" in counted:
        counted.setdefault("period", 1)
        if "frequencyMax" not in counted:
            counted.setdefault("frequency", 1)
    timing = Timing(
        frequency=_float(counted.get("frequency")),
        frequency_max=_float(counted.get("frequencyMax")),
        period=_float(counted.get("period")),
        period_max=_float(counted.get("periodMax")),
        period_unit=counted.get("periodUnit"),
        when=tuple(counted.get("when", ())),
        offset=counted.get("offset"),
        time_of_day=tuple(time[:5] for time in counted.get("timeOfDay", ())),
        day_of_week=tuple(counted.get("dayOfWeek", ())),
        bounds=read_bounds(counted),
        count=counted.get("count"),
        duration=_float(counted.get("duration")),
        duration_unit=counted.get("durationUnit"),
    )
    return (timing if timing != Timing() else None), gap


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)
