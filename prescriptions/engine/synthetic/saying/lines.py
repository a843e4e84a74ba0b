"""One line of an ordonnance in words: name, strength, form, posology, and what the pharmacist is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from prescriptions.engine.codec import encode
from prescriptions.engine.grammar.build import daily_dose
from prescriptions.engine.reference.product import Product
from prescriptions.engine.schema import Dispense, Dosage, Medication, Strength, Substitution
from prescriptions.engine.synthetic.saying import doses
from prescriptions.engine.synthetic.saying.habits import Habits
from prescriptions.engine.synthetic.saying.numbers import digits, feminine, in_words
from prescriptions.engine.synthetic.saying.phrases import FORMS
from prescriptions.engine.synthetic.saying.pieces import Piece, Said, joined, under
from prescriptions.engine.synthetic.saying.posology import posology
from prescriptions.engine.text import plain
from prescriptions.engine.words.units import FORMS_OF_UNITS

UNIT_TOLD = {
    "comprimé": "comprimé", "gélule": "gélule", "sachet": "sachet", "suppositoire": "suppositoire", "ovule": "ovule",
    "ampoule": "ampoule", "patch": "patch", "capsule": "capsule", "dispositif": "patch",
}  # fmt: skip
"""First word of a form that was said -> what a bare number then counts."""


@dataclass(frozen=True, slots=True)
class Head:
    """How a line begins; `{bare}` is a strength without its unit."""

    id: str
    pattern: str
    weight: float


HEADS = (
    Head("h01", "{name} {strength}", 5),
    Head("h02", "{name} {strength} {form}", 5),
    Head("h03", "{name} {strength}, {form}", 4),
    Head("h04", "{name} {form} {strength}", 1),
    Head("h05", "{name}", 1),
    Head("h06", "{name} ({inn}) {strength} {form}", 0.7),
    Head("h07", "{name} {bare}", 0.7),
)
JOINTS = {
    "row": (" : ", " ", " - ", ", ", " : "),
    "below": ("\n   ", "\n   ", " :\n   ", "\n     - "),
    "table": (" | ",),
}


@dataclass
class Spoken:
    """A line's words and its truth in the shape of the cases."""

    said: Said
    medication: Medication
    flags: dict[str, Any]
    templates: list[str]

    @cached_property
    def expected(self) -> dict[str, Any]:
        return {**encode(self.medication), "dosage": encode(self.medication.dosage), **self.flags}


def line(
    product: Product, drawn: Medication, split: str, habits: Habits, *, layout: str, case: str, secure: bool = False
) -> Spoken:
    """The line of one drawn prescription in this hand. `layout` is row, below or table; `secure` spells numbers out."""
    head, heard, flags, id_ = _head(product, habits, case, weighed=weighed(drawn) or secure)
    form_unit = UNIT_TOLD.get((heard.form or "").split(" ")[0])
    spoken = posology(drawn.dosage, split, habits, form_unit)
    if spoken.daily:
        flags["scoring"] = "daily"
    joint, rule = habits.pick(f"joint.{layout}", JOINTS[layout])
    told, dispense, substitution = supply(drawn, habits, secure=secure)
    between = " | " if layout == "table" else habits.pick("supply.sign", (", ", " - ", " ; ", ". "))[0]
    words = joined([spoken.said, told], between)
    if layout == "below" and told and habits.chance.random() < 0.3:
        words = (*spoken.said, Piece("\n   "), *told)
    form = heard.form or _form_of(spoken.dosages)
    truth = replace(
        heard, form=form, dosage=spoken.dosages, dispense=dispense, substitution=substitution,
        daily_dose=daily_dose(spoken.dosages),
    )  # fmt: skip
    return Spoken((*head, Piece(joint, "", rule), *words), truth, flags, [id_, *spoken.templates])


def weighed(drawn: Medication) -> bool:
    """Doses in milligrams: a line that names no strength would leave open which of both they are."""
    return any(one.rate or (one.dose and one.dose.unit in ("mg", "g", "µg")) for one in drawn.dosage)


def _form_of(dosages: tuple[Dosage, ...]) -> str | None:
    """The form that the unit of the first dose tells, where it was said."""
    dose = dosages[0].dose
    return dose.unit if dose and dose.unit in FORMS_OF_UNITS else None


def _head(
    product: Product, habits: Habits, case: str, *, weighed: bool
) -> tuple[Said, Medication, dict[str, Any], str]:
    strengths = tuple(one.strength for one in product.substances if one.strength)
    inn = " / ".join(one.name for one in product.substances)
    choices = [one for one in HEADS if fits(one, product, strengths) and (not weighed or "{strength}" in one.pattern)]
    choices = [one for one in choices if not (habits.spelled and "{bare}" in one.pattern)] or [HEADS[4]]
    chosen = habits.chance.choices(choices, [one.weight for one in choices])[0]
    habits.rules.add(f"head.{chosen.id}")
    name = cased(product.brand, case)
    form_words, rule = habits.pick(f"form.{product.form}", FORMS.get(product.form or "", (product.form or "",)))
    slots = {
        "name": Piece(name, "name", "name"),
        "strength": Piece(doses.strength(strengths, habits), "strength", "strength"),
        "bare": Piece(digits(strengths[0].value) if strengths else "", "strength", "strength.bare"),
        "form": Piece(form_words, "form", rule),
        "inn": Piece(inn, "", "inn"),
    }
    said: list[Piece] = []
    rest = chosen.pattern
    while "{" in rest:
        before, rest = rest.split("{", 1)
        slot, rest = rest.split("}", 1)
        said += [Piece(before)] if before else []
        said.append(slots[slot])
    said += [Piece(rest)] if rest else []
    truth = Medication(name=named(product), atc=product.atc or None)
    flags: dict[str, Any] = {}
    if "{strength}" in chosen.pattern:
        truth = replace(truth, strength=strengths)
    if "{bare}" in chosen.pattern:
        truth = replace(truth, strength=strengths[:1])
        flags["accept_strength_without_unit"] = True
    if "{form}" in chosen.pattern:
        truth = replace(truth, form=product.form)
    return tuple(said), truth, flags, chosen.id


def fits(head: Head, product: Product, strengths: tuple[Strength, ...]) -> bool:
    """Whether the product has what the pattern says; bare numbers are written of plain tablets only."""
    if ("{strength}" in head.pattern or "{bare}" in head.pattern) and not copied(strengths):
        return False
    if product.brand[-1:].isdigit() and "{name} {form}" not in head.pattern:
        return "{strength}" not in head.pattern and "{bare}" not in head.pattern
    if "{bare}" in head.pattern:
        one = strengths[0]
        return len(strengths) == 1 and one.unit == "mg" and one.per is None and product.form in ("comprimé", "gélule")
    return not ("{inn}" in head.pattern and plain(product.substances[0].name) == plain(product.brand))


def copied(strengths: tuple[Strength, ...]) -> bool:
    """Whether prescribers copy them from the box: not four, nor several for each millilitre."""
    return 1 <= len(strengths) <= 3 and (len(strengths) == 1 or not any(one.per for one in strengths))


def named(product: Product) -> str:
    """The name as truth has it: plain capitals."""
    return plain(product.brand).upper()


def cased(brand: str, case: str) -> str:
    if case == "upper":
        return brand.upper()
    return brand.title() if case == "title" else brand.lower()


def supply(drawn: Medication, habits: Habits, *, secure: bool) -> tuple[Said, Dispense | None, Substitution | None]:
    """QSP, quantity, renewal and substitution, in words."""
    parts: list[Said] = []
    dispense, substitution = drawn.dispense, drawn.substitution
    if dispense:
        if dispense.quantity:
            value, unit = dispense.quantity.value or 0.0, dispense.quantity.unit or ""
            text, rule = habits.pick("quantity")
            said = habits.unit(unit, value)
            count = f"{feminine(in_words(int(value)), unit)} ({digits(value)})" if secure else digits(value)
            parts.append((Piece(text.format(n=count, unit=said, u=said), "dispense.quantity", rule),))
        if dispense.qsp:
            qsp = doses.length("qsp", dispense.qsp, habits)
            parts.append(tuple(replace(piece, path="dispense.qsp") for piece in qsp))
        if dispense.repeats:
            text, rule = habits.pick("repeats")
            parts.append((Piece(text.format(n=habits.number(dispense.repeats, "fois")), "dispense.renewal", rule),))
    if substitution:
        key = f"substitution.{substitution.reason}" if substitution.reason else "substitution"
        text, rule = habits.pick(key)
        parts.append((Piece(text, "substitution", rule),))
    return joined(parts, habits.pick("supply.joint", (", ", " ", " - "))[0]), dispense, substitution


def placed(spoken: Spoken, position: int) -> Said:
    """The words with the paths of the whole document."""
    return under(f"medications.{position}.", spoken.said)
