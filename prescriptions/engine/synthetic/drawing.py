"""A prescription of one product, drawn as values: plausible doses, never above the day's maximum of the table."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from prescriptions.engine.grammar.build import daily_dose
from prescriptions.engine.reference.product import Product
from prescriptions.engine.schema import Dispense, Dosage, Limit, Medication, Quantity, Rate, Substitution, Timing
from prescriptions.engine.synthetic import secured
from prescriptions.engine.synthetic.chance import happens
from prescriptions.engine.synthetic.courses import course, days
from prescriptions.engine.synthetic.posologies import Amount, Posology
from prescriptions.engine.synthetic.rhythms import timing

MASSES = {"µg": 0.001, "mg": 1.0, "g": 1000.0}
"""In milligrams."""
UNIT_OF_FORM = {
    "comprimé": "comprimé", "gélule": "gélule", "capsule": "capsule", "sachet": "sachet", "ampoule": "ampoule",
    "suppositoire": "suppositoire", "ovule": "ovule", "lyophilisat": "lyophilisat", "granulés": "sachet",
    "poudre pour solution buvable": "sachet", "poudre pour suspension buvable": "sachet", "film": "film",
}  # fmt: skip
DIVISIBLE = ("comprimé",)
UNDIVIDED = ("comprimé à libération", "comprimé gastro", "comprimé orodispersible", "comprimé sublingual")
COUNTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
FEW, MANY, MANY_OF = 3.0, 8.0, ("H02", "L01", "L04", "N07BC", "M04AC")
"""Units that are taken at a time: more where no stronger ones are made, or a taper begins high."""
CHRONIC = (("28", "d"), ("30", "d"), ("1", "mo"), ("3", "mo"), ("6", "mo"))
ROUTES_OF_SITES = {"œil": "ophtalmique", "narine": "nasale", "oreille": "auriculaire"}
MOST_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Patient:
    """What of a patient the doses depend on."""

    age: int
    weight_kg: float
    name: str = ""
    said_name: str = ""
    born: str = ""


def milligrams(product: Product) -> float | None:
    """Of the first substance in one unit of a solid form; None where it isn't known."""
    strength = product.substances[0].strength if product.substances else None
    if strength is None or strength.unit not in MASSES or strength.per is not None:
        return None
    return strength.value * MASSES[strength.unit]


def unit_of(product: Product) -> str | None:
    """What one unit of the product's form is called when it is taken."""
    form = product.form or ""
    return next((unit for start, unit in UNIT_OF_FORM.items() if form.startswith(start)), None)


def dose_of(amount: Amount, product: Product, patient: Patient, chance: random.Random) -> Quantity | None:
    """The amount as it is prescribed for this product: units of its form, a measure, or the mark of a pipette."""
    unit = unit_of(product)
    if amount.unit == "kg":
        return Quantity(value=1.0, unit="dose", weight_kg=float(round(patient.weight_kg)))
    if amount.unit in MASSES:
        each = milligrams(product)
        if each is None or unit is None or amount.low != amount.high:
            return None
        count = round(amount.low * MASSES[amount.unit] / each, 6)
        if count not in COUNTS or not (count == int(count) or divisible(product)):
            return None
        if count > (MANY if product.atc.startswith(MANY_OF) else FEW):
            return None
        if count == int(count) and happens(chance, 0.06) and secured.most_days(product.atc) is None:
            return Quantity(value=amount.low, unit=amount.unit)
        return Quantity(value=count, unit=unit)
    said = unit if amount.unit == "u" else amount.unit
    if said is None:
        return None
    if amount.low != amount.high:
        return Quantity(low=amount.low, high=amount.high, unit=said)
    return Quantity(value=amount.low, unit=said)


def divisible(product: Product) -> bool:
    form = product.form or ""
    return form.startswith(DIVISIBLE) and not form.startswith(UNDIVIDED)


def within(dosages: tuple[Dosage, ...], product: Product, posology: Posology, patient: Patient) -> bool:
    """Whether no day has more than the table allows."""
    return all(most <= posology.most.high + 1e-6 for most in day_maxima(dosages, product, posology, patient))


def day_maxima(dosages: tuple[Dosage, ...], product: Product, posology: Posology, patient: Patient) -> list[float]:
    """For each step, the most taken on a day, in the unit of the table's maximum."""
    found = []
    for key, (_, most) in daily_dose(dosages).items():
        unit = key.split("|")[1]
        found.append(most * in_unit_of_most(unit, product, posology, patient))
    return found


def in_unit_of_most(unit: str, product: Product, posology: Posology, patient: Patient) -> float:
    """How much one of `unit` is in the table's terms."""
    wanted = posology.most.unit
    if wanted in MASSES:
        if unit in MASSES:
            return MASSES[unit] / MASSES[wanted]
        return (milligrams(product) or 0.0) / MASSES[wanted]
    if wanted == "mg/kg" and unit == "dose":
        return posology_dose(posology)
    return 1.0


def posology_dose(posology: Posology) -> float:
    """Milligrams for each kilogram that the mark of a pipette stands for: the row's weighed dose, else its share."""
    weighed = [amount.high for amount in posology.amounts if amount.unit == "mg/kg"]
    return max(weighed, default=posology.most.high / 4)


def draw(product: Product, posology: Posology, patient: Patient, chance: random.Random) -> Medication | None:
    """Values for this product, or None where no amount and rhythm of its row suit it."""
    pairs = [(amount, rhythm) for amount in posology.amounts for rhythm in posology.rhythms]
    chance.shuffle(pairs)
    for amount, rhythm in pairs:
        dosages = dosages_of(amount, rhythm, product, posology, patient, chance)
        if dosages and within(dosages, product, posology, patient):
            return completed(dosages, product, posology, chance)
    return None


def dosages_of(
    amount: Amount, rhythm: str, product: Product, posology: Posology, patient: Patient, chance: random.Random
) -> tuple[Dosage, ...]:
    if rhythm == "rate":
        unit, per = amount.unit.split("/")
        return (Dosage(rate=Rate(amount.low, unit, 1.0, per)),)
    dose = dose_of(amount, product, patient, chance)
    if dose is None:
        return ()
    steps = course(rhythm, dose, chance)
    if steps is None and rhythm.split(":")[0] in ("insulin", "slots", "taper", "titrate", "azithro", "sleep"):
        return ()
    if steps is not None:
        whole = all(one.dose is None or one.dose.value in COUNTS or one.dose.unit == "UI" for one in steps)
        halves = any(one.dose and one.dose.value and one.dose.value % 1 for one in steps)
        return steps if whole and (not halves or divisible(product)) else ()
    return (Dosage(dose=dose, timing=timing(rhythm, chance)),)


def completed(dosages: tuple[Dosage, ...], product: Product, posology: Posology, chance: random.Random) -> Medication:
    """With length, need, limits, place, remarks, and what the pharmacist is told."""
    steps = max(one.sequence for one in dosages)
    length = chance.choice(lengths(product, posology))
    if steps == 1 and length != "-" and happens(chance, 0.85) and not once(dosages):
        dosages = tuple(replace(one, timing=replace(one.timing or Timing(), bounds=days(length))) for one in dosages)
    if len(dosages) == 1:
        dosages = (needed(dosages[0], posology, chance),)
    elif posology.always_if_needed:
        dosages = (*dosages[:-1], limited(dosages[-1], posology, chance))
    site = chance.choice(posology.more.get("site", ("",)))
    route = chance.choice(posology.more.get("route", ("",))) or next(
        (route for part, route in ROUTES_OF_SITES.items() if part in site), ""
    )
    dosages = tuple(replace(one, site=site or None, route=route or None) for one in dosages)
    remarks = posology.more.get("remark", ())
    if remarks and len(dosages) == 1 and happens(chance, 0.35):
        dosages = (replace(dosages[0], additional=(chance.choice(remarks),)),)
    reason = chance.choice(posology.more.get("ns", ("",)))
    forbidden = (reason and happens(chance, 0.5)) or happens(chance, 0.02)
    return Medication(
        dosage=dosages,
        dispense=supply(length, dosages, product, chance),
        substitution=Substitution(False, (reason or None) if happens(chance, 0.6) else None) if forbidden else None,
        daily_dose=daily_dose(dosages),
    )


def lengths(product: Product, posology: Posology) -> tuple[str, ...]:
    """How long it may be prescribed: on a secure form never without end, nor for longer than the law allows."""
    most = secured.most_days(product.atc)
    if most is None:
        return posology.lengths
    return tuple(one for one in posology.lengths if one != "-" and secured.in_days(one) <= most) or ("28d",)


def once(dosages: tuple[Dosage, ...]) -> bool:
    return any(one.timing is not None and one.timing.count for one in dosages)


def needed(dosage: Dosage, posology: Posology, chance: random.Random) -> Dosage:
    if not posology.reasons or not (posology.always_if_needed or happens(chance, 0.55)):
        return dosage
    reason = chance.choice(posology.reasons)
    dosage = replace(dosage, as_needed=True, as_needed_for=None if reason == "besoin" else reason)
    return limited(dosage, posology, chance)


def limited(dosage: Dosage, posology: Posology, chance: random.Random) -> Dosage:
    """With a maximum for the day and an interval, more often where nothing else says how often."""
    dose, often = dosage.dose, dosage.timing is None or not dosage.timing.frequency
    whole = [times for times in (3, 4) if dose and dose.value and (dose.value * times).is_integer()]
    if dose and dose.value and dose.unit and whole and happens(chance, 0.7 if often else 0.4):
        most = Limit(round(dose.value * chance.choice(whole), 6), dose.unit, 1.0, "d")
        if posology.most.unit not in MASSES:
            most = replace(most, value=max(min(most.value, posology.most.high), dose.value))
        dosage = replace(dosage, max_dose_per_period=most)
    gaps = posology.more.get("gap", ())
    each = dosage.timing.period_unit if dosage.timing else None
    if gaps and each != "h" and happens(chance, 0.45):
        gap = chance.choice(gaps)
        unit = "min" if gap.endswith("min") else "h"
        dosage = replace(dosage, min_interval=Quantity(value=float(gap.removesuffix(unit)), unit=unit))
    return dosage


def supply(length: str, dosages: tuple[Dosage, ...], product: Product, chance: random.Random) -> Dispense | None:
    bounded = any(one.timing is not None and one.timing.bounds for one in dosages)
    made = Dispense()
    if length == "-" and happens(chance, 0.6):
        value, unit = chance.choice(CHRONIC)
        made = replace(made, qsp=Quantity(value=float(value), unit=unit))
        if unit == "mo" and value == "1" and happens(chance, 0.6):
            made = replace(made, repeats=chance.randint(1, MOST_REPEATS), renewable=True)
    elif length != "-" and not bounded and not once(dosages) and max(one.sequence for one in dosages) == 1:
        made = replace(made, qsp=days(length))
    elif happens(chance, 0.15):
        made = replace(made, quantity=Quantity(value=float(chance.choice((1, 1, 2, 3))), unit=package(product)))
    return None if made == Dispense() else made


def package(product: Product) -> str:
    form = product.form or ""
    if form.startswith(("crème", "pommade", "gel", "lotion")):
        return "tube"
    return "flacon" if form.startswith(("collyre", "sirop", "solution", "suspension")) else "boîte"
