"""The doses of one line against the usual maxima: above, ten times, a thousand times, a unit that can't be."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from prescriptions.engine.grammar.build import DAYS_IN, times_a_day
from prescriptions.engine.reference.product import Product
from prescriptions.engine.safety import amounts
from prescriptions.engine.safety.alert import DANGER, WARNING, Alert, Fact
from prescriptions.engine.safety.usual import Usual, route_of, usual
from prescriptions.engine.schema import Dosage, Medication, Quantity, Strength

SLACK = 1.01
"""Rounded fractions aren't above."""
TEN, THOUSAND = 5.0, 50.0
"""From how many times the maximum a comma, or a unit, is the likelier cause: half the maximum is a common dose."""
MANY, MANY_A_DAY = 12, 30
PER_KILO = "/kg"
SOLID = frozenset({"comprimé", "gélule", "capsule", "sachet", "suppositoire", "ovule", "ampoule"})
NOT_OF_SOLIDS = frozenset({"goutte", "mL", "L", "cuillère à café", "cuillère à soupe", "bouffée", "pulvérisation",
                           "application", "patch", "injection", "seringue", "instillation"})  # fmt: skip
SWALLOWED = ("comprimé", "gélule", "capsule")
CHILD_KG, CHILD_YEARS = 40.0, 15


@dataclass(frozen=True, slots=True)
class Patient:
    """What is known of the person: most ordonnances say neither."""

    weight_kg: float | None = None
    age_years: float | None = None

    @property
    def is_child(self) -> bool:
        """Under 15 years, or under 40 kg where the age isn't known."""
        if self.age_years is not None:
            return self.age_years < CHILD_YEARS
        return self.weight_kg is not None and self.weight_kg < CHILD_KG


@dataclass(frozen=True, slots=True)
class Taken:
    """What one dosage amounts to: most at one time and most on a day (None where the text doesn't say)."""

    place: int
    step: int
    single: float
    daily: float | None
    facts: dict[str, Fact]


def check_doses(
    medication: Medication, patient: Patient, products: Sequence[Product], unshared: Container[int] = ()
) -> Iterator[Alert]:
    """Everything that the doses of one medicine say against themselves.

    `unshared` are the places of dosages that say what is taken on a whole day: they tell nothing of one time.
    """
    yield from _units(medication)
    yield from _strengths(medication, products)
    yield from _weights(medication, patient)
    row, kilos = _row(medication, patient)
    if row is None:
        return
    if strange := _strength_alone(medication, row):
        yield strange
        return
    held = amounts.content(medication.strength, _product(products), row.unit.partition("/")[0])
    weight = patient.weight_kg or 1.0
    found = (_taken(one, place, row, held, weight) for place, one in enumerate(medication.dosage))
    yield from _above([taken for taken in found if taken], row, kilos, unshared)


def _row(medication: Medication, patient: Patient) -> tuple[Usual | None, float]:
    """The row of maxima, and what it is multiplied by: the kilograms of a child whose weight is known."""
    first = next((one for one in medication.dosage if one.dose or one.route), None)
    unit = first.dose.unit if first and first.dose else None
    route = route_of(first.route if first else None, medication.form, unit)
    by_weight = (unit or "").endswith(PER_KILO)
    if (patient.is_child and patient.weight_kg) or (by_weight and not patient.weight_kg):
        row = usual(medication.atc, route, child=True)
        if row is not None or by_weight:
            return row, patient.weight_kg or 1.0
    return usual(medication.atc, route, child=False), 1.0


def _product(products: Sequence[Product]) -> Product | None:
    """The product, when all that the name may stand for hold the same."""
    strengths = {product.substances[0].strength for product in products if product.substances}
    return products[0] if len(strengths) == 1 else None


def _taken(one: Dosage, place: int, row: Usual, held: amounts.Content | None, weight: float) -> Taken | None:
    """What one dosage amounts to in the row's unit; `weight` multiplies doses per kilogram (1 where it isn't known)."""
    unit = row.unit.removesuffix(PER_KILO)
    if one.dose is None or (ends := amounts.ends(one.dose)) is None:
        return None
    counted = (one.dose.unit or "").removesuffix(PER_KILO)
    most = ends[1] * (weight if counted != (one.dose.unit or "") else 1.0)
    single = amounts.substance(most, counted, held, unit)
    if single is None:
        return None
    facts: dict[str, Fact] = {"dose": ends[1], "dose_unit": one.dose.unit or ""}
    if held is not None and one.dose.unit in amounts.COUNTED:
        facts |= {"strength": held.strength.value, "strength_unit": held.strength.unit or "", "from": held.source}
    a_day = None if "/" in unit else _most_a_day(one, ends[1])
    if a_day is not None:
        facts["times"] = round(a_day, 4)
    daily = single if "/" in unit else (single * a_day if a_day is not None else None)
    return Taken(place, one.sequence, single, daily, facts)


def _most_a_day(one: Dosage, dose: float) -> float | None:
    """Administrations a day at most: as the rhythm says, or as the written maximum allows."""
    rhythm = times_a_day(one.timing)
    most = one.max_dose_per_period
    allowed = None
    if most is not None and one.dose is not None and most.unit == one.dose.unit and dose:
        allowed = most.value / dose / (most.period * DAYS_IN[most.period_unit])
    if rhythm is None:
        return allowed
    return rhythm[1] if allowed is None else min(rhythm[1], allowed)


def _above(taken: list[Taken], row: Usual, kilos: float, unshared: Container[int]) -> Iterator[Alert]:
    steps: dict[int, list[Taken]] = {}
    for one in taken:
        steps.setdefault(one.step, []).append(one)
    for found in steps.values():
        days = [one.daily for one in found if one.daily is not None]
        largest = max(found, key=lambda one: one.daily or one.single)
        if days and (alert := _compared(sum(days) * row.days, row.total * kilos, largest, row, kilos, row.days)):
            yield alert
            continue
        if not (at_once := [one for one in found if one.place not in unshared]):
            continue
        strongest = max(at_once, key=lambda one: one.single)
        most = (row.single or row.total) * kilos
        if alert := _compared(strongest.single, most, strongest, row, kilos, 0):
            yield alert


def _compared(computed: float, most: float, taken: Taken, row: Usual, kilos: float, days: int) -> Alert | None:
    """An alert when what was computed is above, or a thousandth of, the most. `days` is 0 for one administration."""
    factor = computed / most
    facts: dict[str, Fact] = {
        **taken.facts, "computed": round(computed, 4), "unit": row.unit.removesuffix(PER_KILO), "most": round(most, 4),
        "days": days, "substance": row.substance, "who": row.who, "factor": round(factor, 3),
    }  # fmt: skip
    if row.who == "child":
        facts |= {"kilograms": kilos, "per_kilogram": row.total if days else row.single or row.total}
    path = f"dosage.{taken.place}.dose"
    if factor >= THOUSAND:
        return Alert("thousand_times", path, DANGER, facts)
    if factor >= TEN:
        return Alert("ten_times", path, DANGER, facts)
    if factor > SLACK:
        code = "above_single" if not days else ("dose_per_kg" if row.who == "child" else "above_usual")
        return Alert(code, path, WARNING, facts)
    if 0 < factor <= 1 / 1000 and "/" not in row.unit and taken.facts.get("from") != "assumed":
        return Alert("thousandth", path, DANGER, facts)
    return None


def _strength_alone(medication: Medication, row: Usual) -> Alert | None:
    """One tablet that holds many days' doses: the strength is misread, whatever is taken of it."""
    if not medication.strength or medication.strength[0].per or "/" in row.unit:
        return None
    read = medication.strength[0]
    adult = usual(medication.atc, row.route, child=False) or row
    held = amounts.convert(read.value, read.unit or adult.unit, adult.unit)
    if held is None or held < adult.total * TEN:
        return None
    facts: dict[str, Fact] = {"strength": read.value, "strength_unit": read.unit or "", "most": adult.total,
                              "unit": adult.unit, "days": adult.days, "substance": adult.substance,
                              "factor": round(held / adult.total, 3)}  # fmt: skip
    return Alert("strength_implausible", "strength.0", DANGER, facts)


def _units(medication: Medication) -> Iterator[Alert]:
    for place, one in enumerate(medication.dosage):
        if one.dose is None:
            continue
        unit = one.dose.unit
        path = f"dosage.{place}.dose"
        if unit == "L" or (unit in NOT_OF_SOLIDS and (medication.form or "").startswith(SWALLOWED)):
            yield Alert("unit_implausible", path, DANGER, {"dose_unit": unit or "", "form": medication.form or ""})
        elif unit in amounts.IN_UI and (row := usual(medication.atc, None, child=False)) and row.unit in amounts.IN_MG:
            facts: dict[str, Fact] = {"dose_unit": unit or "", "substance": row.substance, "unit": row.unit}
            yield Alert("unit_implausible", path, DANGER, facts)
        ends = amounts.ends(one.dose)
        a_day = times_a_day(one.timing)
        if unit in SOLID and ends and (ends[1] > MANY or (a_day and ends[1] * a_day[1] > MANY_A_DAY)):
            yield Alert("many_units", path, WARNING, {"dose": ends[1], "dose_unit": unit or "",
                                                      "times": round(a_day[1], 4) if a_day else 0})  # fmt: skip


def _strengths(medication: Medication, products: Sequence[Product]) -> Iterator[Alert]:
    """A strength that none of the products of this name has."""
    known = [one.substances[0].strength for one in products if one.substances and one.substances[0].strength]
    if not medication.strength or not medication.strength[0].unit or not known:
        return
    read = medication.strength[0]
    if any(_same(read, other) for other in known):
        return
    near = min(known, key=lambda other: abs(other.value - read.value))
    facts: dict[str, Fact] = {"strength": read.value, "strength_unit": read.unit or "", "near": near.value,
                              "near_unit": near.unit or ""}  # fmt: skip
    yield Alert("strength_unknown", "strength.0", DANGER, facts)


def _same(one: Strength, other: Strength) -> bool:
    """Equal as said, or as a concentration: 40 mg/0.4 mL is 100 mg/mL."""
    converted = amounts.convert(one.value, one.unit, other.unit or "")
    value = converted if converted is not None else (one.value if one.unit == other.unit else None)
    if value is None:
        return False
    if _close(value, other.value):
        return True
    mine, theirs = _volume(one.per), _volume(other.per)
    return bool(mine and theirs and _close(value / mine, other.value / theirs))


def _volume(per: Quantity | None) -> float | None:
    if per is None or per.unit not in amounts.VOLUMES or not per.value:
        return None
    return per.value * amounts.VOLUMES[per.unit]


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= 0.02 * max(abs(one), abs(other))


def _weights(medication: Medication, patient: Patient) -> Iterator[Alert]:
    """`1 dose 12 kg` for a child of 20 kg."""
    if patient.weight_kg is None:
        return
    for place, one in enumerate(medication.dosage):
        mark = one.dose.weight_kg if one.dose else None
        if mark and abs(mark - patient.weight_kg) > 0.25 * patient.weight_kg:
            yield Alert("weight_mark", f"dosage.{place}.dose", WARNING,
                        {"mark": mark, "kilograms": patient.weight_kg})  # fmt: skip
