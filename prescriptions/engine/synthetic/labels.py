"""Products as their boxes call them: the form and the strength that a prescriber would copy."""

from __future__ import annotations

import re
from dataclasses import replace

from prescriptions.engine.reference.product import Product, Substance
from prescriptions.engine.schema import Quantity, Strength

FORM_SAID = re.compile(r"dispositif transdermique|emplâtre|collyre|film orodispersible", re.IGNORECASE)
SKIN = ("crème", "gel", "pommade", "lotion", "shampooing", "émulsion")
HOURLY = re.compile(r"(?<![\d,.])([\d,.]{1,12}) (?:microgrammes|µg)\s{0,3}/\s{0,3}(?:heure|h)", re.IGNORECASE)


def labelled(product: Product) -> Product:
    """The product with the form that its name says where the lists give none, and strengths as they are printed."""
    form = product.form
    if form is None and (said := FORM_SAID.search(product.name)):
        form = said[0].lower()
    if form == "dispositif transdermique":
        found = HOURLY.search(product.name)
        hourly = Strength(float(found[1].replace(",", ".")), "µg", Quantity(value=1.0, unit="h")) if found else None
        substances = tuple(Substance(one.name, one.code, hourly) for one in product.substances)
    else:
        on_skin = (form or "").startswith(SKIN) and not (form or "").startswith("gélule")
        substances = tuple(replace(one, strength=printed(one.strength, on_skin=on_skin)) for one in product.substances)
        substances = tuple(sorted(substances, key=lambda one: place(one.strength, product.name)))
    return replace(product, form=form, substances=substances)


def place(strength: Strength | None, name: str) -> int:
    """Where the name of the product has this strength; last where it hasn't: boxes have an order of their own."""
    if strength is None:
        return len(name)
    written = re.escape(f"{strength.value:g}".replace(".", ","))
    found = re.search(rf"(?<![\d,.]){written}(?![\d,.])", name)
    return found.start() if found else len(name)


def printed(strength: Strength | None, *, on_skin: bool = False) -> Strength | None:
    """`0.05 g in 100 g` as 0.05 %, `2000 mg in 100 mL` as 20 mg/mL, what a weighed powder holds as a plain amount."""
    if strength is None or strength.per is None or not strength.per.value:
        return strength
    per = strength.per
    if per.unit == "g":
        share = {"g": 1.0, "mg": 0.001}.get(strength.unit or "")
        if share is not None and (per.value == 100 or on_skin):
            return Strength(round(strength.value * share * 100 / (per.value or 100), 6), "%")
        return Strength(strength.value, strength.unit)
    if per.unit == "mL" and per.value == 100:
        each = round(strength.value / 100, 6)
        return (
            Strength(each, strength.unit, Quantity(value=1.0, unit="mL"))
            if strength.unit != "g"
            else Strength(round(strength.value, 6), "%")
        )
    return strength
