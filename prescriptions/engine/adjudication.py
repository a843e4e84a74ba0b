"""One line out of two readings of it: each field in which they differ is taken from one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from prescriptions.engine import agreement, correction
from prescriptions.engine.grammar.build import daily_dose
from prescriptions.engine.schema import Line, Medication

POSOLOGY = "posology"
"""All fields of the dosages, which are taken together where the two readings have other dosages."""
PRODUCT = frozenset({"name", "strength", "form"})
"""What tells the product: where it is mixed from two readings, the product that either chose may be none."""
Taking = Callable[[Medication, Medication], Medication]


def _by_dosage(name: str) -> Taking:
    change = correction.FIELDS[name].change

    def take(one: Medication, other: Medication) -> Medication:
        return replace(one, dosage=tuple(map(change, one.dosage, other.dosage)))

    return take


TAKEN: dict[str, Taking] = {
    "name": lambda one, other: replace(one, name=other.name, atc=other.atc),
    "strength": lambda one, other: replace(one, strength=other.strength),
    "form": lambda one, other: replace(one, form=other.form),
    "supply": lambda one, other: replace(one, dispense=other.dispense, substitution=other.substitution, ald=other.ald),
    POSOLOGY: lambda one, other: replace(one, dosage=other.dosage),
    **{name: _by_dosage(name) for name in correction.FIELDS},
}
"""What is chosen -> the first reading with that of the second."""


def questions(one: Line, other: Line) -> dict[str, list[str]]:
    """What is to be chosen between two readings of a line -> the fields of `agreement` that it settles."""
    found: dict[str, list[str]] = {}
    alike = [[dosage.sequence for dosage in line.medication.dosage] for line in (one, other)]
    for field in agreement.differences(one, other):
        apart = field not in correction.FIELDS or alike[0] == alike[1]
        found.setdefault(field if apart else POSOLOGY, []).append(field)
    return found


def merged(one: Line, other: Line, taken: Collection[str]) -> Line:
    """The first reading with what is `taken` of the second, keys of `questions`; the evidence goes with its field."""
    medication, evidence = one.medication, list(one.evidence)
    for key in taken:
        medication = TAKEN[key](medication, other.medication)
        evidence = [item for item in evidence if not _proves(item.path, key)]
        evidence += [item for item in other.evidence if _proves(item.path, key)]
    medication = replace(medication, daily_dose=daily_dose(medication.dosage))
    return replace(one, medication=medication, evidence=tuple(evidence))


def _proves(path: str, key: str) -> bool:
    """Whether evidence of `path` is for what is chosen by `key`."""
    head, _, rest = path.partition(".")
    if head != "dosage":
        return correction.belongs(path, key)
    place = rest.partition(".")[0]
    return key == POSOLOGY or correction.belongs(path, f"dosage.{place}.{key}")
