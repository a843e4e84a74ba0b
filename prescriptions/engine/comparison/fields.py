"""The fields of a line in words, and what a day of it amounts to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from prescriptions.engine import wording
from prescriptions.engine.comparison.values import Difference
from prescriptions.engine.schema import Dosage, Medication, Quantity, Timing
from prescriptions.engine.words.units import MASSES

COUNTED = frozenset({"comprimé", "gélule", "capsule", "sachet", "ampoule", "suppositoire", "patch", "ovule"})
"""Units of which one holds the whole strength."""
GRAMS = {"g": 1000.0, "mg": 1.0, "µg": 0.001}


def _steps(medication: Medication, say: Callable[[Dosage], str]) -> str:
    """What each dosage says, once where they agree; steps are joined by « puis »."""
    steps: dict[int, list[str]] = {}
    for dosage in medication.dosage:
        steps.setdefault(dosage.sequence, []).append(say(dosage))
    said = [" ; ".join(part for part in dict.fromkeys(words) if part) for words in steps.values()]
    return ", puis ".join(said) if len(set(said)) > 1 else next(iter(said), "")


def _timing(dosage: Dosage) -> Timing:
    """The same rhythm in the same words: 24 h is a day, 72 h three, and a frequency that moments say is left out."""
    timing = dosage.timing or Timing()
    if timing.period_unit == "h" and timing.period and timing.period % 24 == 0 and timing.period_max is None:
        timing = replace(timing, period=timing.period / 24, period_unit="d")
    if timing.when and timing.frequency == len(timing.when) and (timing.period, timing.period_unit) == (1, "d"):
        timing = replace(timing, frequency=None, period=None, period_unit=None)
    return timing


FIELDS: dict[str, Callable[[Medication], str]] = {
    "strength": lambda m: wording.strengths(m.strength),
    "form": lambda m: m.form or "",
    "dose": lambda m: _steps(m, lambda d: wording.amount(d.dose) or wording.rate(d)),
    "frequency": lambda m: _steps(m, lambda d: wording.rhythm(_timing(d))),
    "duration": lambda m: _steps(m, lambda d: wording.length(_timing(d).bounds)),
    "need": lambda m: _steps(m, wording.need),
    "limit": lambda m: _steps(m, wording.limits),
    "route": lambda m: _steps(m, wording.route),
    "remark": lambda m: _steps(m, lambda d: " ; ".join(d.additional)),
    "supply": lambda m: wording.supply(m.dispense, m.substitution, m.ald),
}
"""Field -> its words. Two lines are the same when all of these are."""


def differences(before: Medication, after: Medication) -> tuple[Difference, ...]:
    """A form that only one of the two says is no difference."""
    found = [Difference(name, say(before), say(after)) for name, say in FIELDS.items()]
    return tuple(
        one for one in found if one.before != one.after and not (one.field == "form" and "" in (one.before, one.after))
    )


def title(medication: Medication) -> str:
    """`DOLIPRANE 1 g`."""
    return " ".join(part for part in (medication.name, wording.strengths(medication.strength)) if part)


def line(medication: Medication) -> str:
    """The whole line: `DOLIPRANE 1 g : 1 comprimé le soir`."""
    return " : ".join(part for part in (title(medication), wording.posology(medication)) if part)


def daily(medication: Medication) -> str:
    """What the doses of a day amount to, step by step."""
    said = []
    for key, (low, high) in medication.daily_dose.items():
        unit = _unit(key)
        quantity = Quantity(value=low, unit=unit) if low == high else Quantity(low=low, high=high, unit=unit)
        said.append(wording.amount(quantity))
    return " → ".join(said)


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
