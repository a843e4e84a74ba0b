"""How far two people who read the same prescriptions agree: by field, and on the whole line.

Lines are paired by the characters that they share. For each field, kappa (Cohen, Educ Psychol Meas 1960; 20:37-46)
weighs agreement by chance, and F1 is 2·same / (said by the first + said by the second).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from prescriptions.engine import wording
from prescriptions.engine.schema import Dispense, Dosage, Line, Medication

Pair = tuple[Line | None, Line | None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one field: on how many lines the two readings are compared, how many are the same, kappa and F1 (0 to 1).

    `kappa` is None where chance alone would make them agree, `f1` where neither says anything.
    """

    field: str
    compared: int
    same: int
    kappa: float | None
    f1: float | None


def _by_dosage(write: Callable[[Dosage], str]) -> Callable[[Medication], str]:
    return lambda medication: " + ".join(write(dosage) for dosage in medication.dosage).strip(" +")


FIELDS: dict[str, Callable[[Medication], str]] = {
    "name": lambda medication: medication.name or "",
    "strength": lambda medication: wording.strengths(medication.strength),
    "form": lambda medication: medication.form or "",
    "dose": _by_dosage(lambda dosage: wording.amount(dosage.dose) or wording.rate(dosage)),
    "timing": _by_dosage(lambda dosage: wording.rhythm(dosage.timing)),
    "bounds": _by_dosage(lambda dosage: wording.length(dosage.timing.bounds if dosage.timing else None)),
    "asNeeded": _by_dosage(wording.need),
    "limits": _by_dosage(wording.limits),
    "route": _by_dosage(wording.route),
    "supply": lambda medication: wording.supply(
        medication.dispense or Dispense(), medication.substitution, medication.ald
    ),
}
"""Field -> what a reading says in it, in words: two readings agree where their words are the same."""


def pairs(first: Sequence[Line], second: Sequence[Line]) -> list[Pair]:
    """The lines of both readings, each beside the one that it shares most characters with, in the order of the text."""
    left = list(second)
    found: list[Pair] = []
    for line in first:
        best = max(left, key=lambda other: _shared(line, other), default=None)
        if best is not None and _shared(line, best) > 0:
            left.remove(best)
            found.append((line, best))
        else:
            found.append((line, None))
    found += [(None, line) for line in left]
    return sorted(found, key=lambda pair: min(line.start for line in pair if line is not None))


def _shared(one: Line, other: Line) -> int:
    return min(one.end, other.end) - max(one.start, other.start)


def differences(one: Line | None, other: Line | None) -> list[str]:
    """The fields in which two readings of a line differ; all that either says where the other has no such line."""
    return [field for field in FIELDS if said(one, field) != said(other, field)]


def said(line: Line | None, field: str) -> str:
    return FIELDS[field](line.medication) if line is not None else ""


def agreements(compared: Iterable[Pair]) -> list[Agreement]:
    """The agreement on each field, in the order of FIELDS."""
    compared = list(compared)
    return [_agreement(field, [(said(one, field), said(other, field)) for one, other in compared]) for field in FIELDS]


def _agreement(field: str, words: Sequence[tuple[str, str]]) -> Agreement:
    same = sum(one == other for one, other in words)
    return Agreement(field, len(words), same, kappa(words), f1(words))


def kappa(words: Sequence[tuple[str, str]]) -> float | None:
    """(observed - by chance) / (1 - by chance), chance from how often each of the two says each thing."""
    count = len(words)
    if not count:
        return None
    observed = sum(one == other for one, other in words) / count
    ones, others = Counter(one for one, _other in words), Counter(other for _one, other in words)
    chance = sum(ones[word] * others[word] for word in ones) / count**2
    return None if chance == 1 else (observed - chance) / (1 - chance)


def f1(words: Sequence[tuple[str, str]]) -> float | None:
    """Twice the values that are the same, by all values that were said; empty fields say nothing."""
    all_said = sum(bool(one) + bool(other) for one, other in words)
    return 2 * sum(bool(one) and one == other for one, other in words) / all_said if all_said else None
