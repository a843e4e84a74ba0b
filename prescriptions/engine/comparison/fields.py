"""The fields of a line in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from prescriptions.engine import wording
from prescriptions.engine.comparison.values import Difference
from prescriptions.engine.schema import Dosage, Medication, Timing


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
