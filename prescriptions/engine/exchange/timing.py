"""When and how often as FHIR `Timing.repeat`; what R4 has no words for is given back to be said as text."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from prescriptions.engine import wording
from prescriptions.engine.exchange.codes import AT_MEALS, TIMES, WHEN
from prescriptions.engine.exchange.quantities import bounds, number, read_bounds
from prescriptions.engine.schema import Quantity, Timing

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A `Timing.repeat`, and the words for what isn't in it."""

    repeat: Json
    words: tuple[str, ...] = ()


def said(timing: Timing | None, gap: Quantity | None = None) -> Said:
    """The rhythm by the rules of R4; `gap` is the least interval between two doses.

    - A clock time wins over a moment of the day (tim-10 forbids both): the moment becomes words.
    - An offset stands only before or after something (tim-9).
    - Half a time a day is once in two days: R4 counts in whole numbers.
    - A least interval without another rhythm is `frequencyMax` 1 in that time, as the guide's examples write it.
    - Cycles (21 days of 28, J1, J8) have no place in R4 and become words.
    """
    timing = timing or Timing()
    repeat: Json = {}
    words: list[str] = []
    if timing.bounds and timing.bounds.unit in TIMES:
        repeat |= bounds(timing.bounds)
    if timing.count:
        repeat["count"] = timing.count
    if timing.duration is not None and timing.duration_unit:
        repeat |= {"duration": number(timing.duration), "durationUnit": timing.duration_unit}
    repeat |= _frequency(timing)
    if timing.day_of_week:
        repeat["dayOfWeek"] = list(timing.day_of_week)
    moments = [code for code in timing.when if code in WHEN]
    if timing.time_of_day:
        repeat["timeOfDay"] = [f"{time}:00" if len(time) == 5 else time for time in timing.time_of_day]
        if moments:
            words.append(wording.rhythm(Timing(when=tuple(moments), offset=timing.offset)))
    elif moments:
        repeat["when"] = moments
        if timing.offset is not None and not AT_MEALS & set(moments):
            repeat["offset"] = timing.offset
    if timing.cycle or timing.cycle_days:
        words.append(wording.rhythm(Timing(cycle=timing.cycle, cycle_days=timing.cycle_days)))
    if gap is not None:
        if gap.value and gap.unit in TIMES and not repeat.keys() & {"frequency", "period", "when", "timeOfDay"}:
            repeat |= {"frequencyMax": 1, "period": number(gap.value), "periodUnit": gap.unit}
        else:
            words.append(f"espacer les prises de {wording.length(gap)}")
    return Said(repeat, tuple(word for word in words if word))


def _frequency(timing: Timing) -> Json:
    times = {"frequency": timing.frequency, "frequencyMax": timing.frequency_max}
    told = {name: Fraction(value).limit_denominator(1000) for name, value in times.items() if value is not None}
    if not told or not timing.period or timing.period_unit not in TIMES:
        return {}
    scale = lcm(*(value.denominator for value in told.values()))
    made: Json = {name: int(value * scale) for name, value in told.items()}
    made |= {"period": number(timing.period * scale), "periodUnit": timing.period_unit}
    if timing.period_max is not None:
        made["periodMax"] = number(timing.period_max * scale)
    return made


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
