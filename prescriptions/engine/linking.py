"""From a medicine as it was read to the products it may be, the likeliest first, each with its reasons.

Every strength that was read is compared with those that the product really has, across units. One that is a power of
ten away (75 mg for a product of 75 µg) is told as such, on the right product: nobody wants such a line to pass.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from prescriptions.engine.codec import encode
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.reference.product import Product
from prescriptions.engine.reference.quantities import NEAR, SCALE, measured, ratio, same, slip
from prescriptions.engine.schema import Line, Medication, Ordonnance, Strength
from prescriptions.engine.text import plain

MOST = 5
REMEMBERED = 20_000
"""Readings whose links are kept for each reference."""
WEIGHTS = {"strength": 0.45, "name": 0.25, "form": 0.2, "route": 0.04, "marketed": 0.04, "use": 0.02}
"""Share of each kind of agreement in the score; they add up to 1."""
UNSAID = 0.6
"""What counts for something of which the line says nothing."""
SLIPPED = 0.3
"""What counts for a strength that is a power of ten away."""
KIT = 0.2
"""What a product without a form of its own, a box of several, has less."""
MANY = 8.0
"""Decimal logarithm of more boxes than any product sells."""
FAMILIES = (
    "comprimé gélule capsule lyophilisat film pastille gomme", "sachet poudre granulés",
    "crème pommade gel émulsion lotion",
    "solution sirop suspension ampoule goutte", "patch dispositif emplâtre", "stylo seringue injectable ampoule flacon",
    "ovule", "suppositoire", "collyre", "inhalation bouffée aérosol nébuliseur",
)  # fmt: skip
"""Forms that prescribers write for one another, by a word of each."""
FAMILY_OF = [frozenset(plain(family).split()) for family in FAMILIES]
DETAILED = re.compile(r"sachet|seringue|stylo|ampoule|unidose|sublingual|flacon|gouttes|orodispersible|effervescent")
PROLONGED = re.compile(r"\b(?:lp|liberation (?:prolongee|modifiee))\b")
RESISTANT = re.compile(r"gastro-? ?resistant")


@dataclass(frozen=True, slots=True)
class Link:
    """A product that the line may mean; `score` is from 0 to 1.

    `strength_ok` is None where the line says none or the product's isn't known; `factor` is the power of ten by which
    the read strength differs from the product's, where it does. `reasons` are `name`, `substance`, `strength`,
    `part of the strengths`, `other strength`, `strength times <factor>`, `form`, `like form`, `other form`, `route`,
    `not marketed`.
    """

    product: Product
    score: float
    strength_ok: bool | None = None
    factor: float | None = None
    reasons: tuple[str, ...] = ()


class Asked(NamedTuple):
    """What of a reading matters for links."""

    name: str
    strengths: tuple[Strength, ...]
    form: str
    routes: tuple[str, ...]
    details: str


_remembered: WeakKeyDictionary[Reference, OrderedDict[Asked, tuple[Link, ...]]] = WeakKeyDictionary()


def link(medication: Medication, reference: Reference, details: str = "") -> tuple[Link, ...]:
    """At most five products, the likeliest first; none for a name that no product has.

    `details` is what stands in the line's head besides (`LP`, a laboratory).
    """
    routes = tuple(dict.fromkeys(dosage.route for dosage in medication.dosage if dosage.route))
    asked = Asked(plain(medication.name or ""), medication.strength, medication.form or "", routes, plain(details))
    memory = _remembered.setdefault(reference, OrderedDict())
    if (known := memory.get(asked)) is not None:
        return known
    found = _link(asked, reference)
    memory[asked] = found
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)
    return found


def link_line(line: Line, reference: Reference) -> tuple[Link, ...]:
    """The same, with the details that the line's head holds."""
    return link(line.medication, reference, " ".join(one.text for one in line.evidence if one.path == "detail"))


def told(links: Iterable[Link]) -> list[dict[str, Any]]:
    """The products that a line may mean, as JSON: the likeliest first, with codes, score and reasons."""
    return [_told(one) for one in links]


def with_products(line: Line, reference: Reference) -> dict[str, Any]:
    """A line as JSON, with the products that it may mean."""
    return {**encode(line), "products": told(link_line(line, reference))}


def _told(one: Link) -> dict[str, Any]:
    product = one.product
    shown: dict[str, Any] = {"cis": product.cis, "name": product.name, "score": one.score, "why": list(one.reasons)}
    if one.factor:
        shown["factor"] = one.factor
    codes = {"atc": product.atc, "cip": [box.cip13 for box in product.presentations], "ucd": list(product.ucd)}
    return shown | {key: value for key, value in codes.items() if value}


def coded(line: Line, reference: Reference) -> Line:
    """The line with the ATC code of its best product, where the name alone has none or stands for several."""
    return coded_by(link_line(line, reference), line, reference)


def coded_by(links: Sequence[Link], line: Line, reference: Reference) -> Line:
    """The same, its links being known."""
    if not links or not (code := links[0].product.atc):
        return line
    medication = line.medication
    if medication.atc == code or (medication.atc and not _decides(medication, links[0], reference)):
        return line
    return replace(line, medication=replace(medication, atc=code))


def coded_ordonnance(ordonnance: Ordonnance, reference: Reference) -> Ordonnance:
    """An ordonnance with the codes of all its lines."""
    return replace(ordonnance, lines=tuple(coded(line, reference) for line in ordonnance.lines))


def _decides(medication: Medication, best: Link, reference: Reference) -> bool:
    """The name stands for several codes, its own among them or not, and the line says which by its form or route."""
    codes = {product.atc for product in reference.products_of(medication.name or "") if product.atc}
    told = {"form", "route"} & set(best.reasons) and best.strength_ok is not False
    return bool(told) and len(codes) > 1 and best.product.atc_source in ("official", "generic group")


def _link(asked: Asked, reference: Reference) -> tuple[Link, ...]:
    candidates, asked = _named(asked, reference)
    scored = [_scored(product, asked) for product in candidates]
    scored.sort(key=lambda found: (-found.score, -found.product.weight, found.product.name))
    return tuple(scored[:MOST])


def _named(asked: Asked, reference: Reference) -> tuple[Sequence[Product], Asked]:
    """The products of a name; where none has it whole (`fictivol lp`), those of its first words, the rest a detail."""
    words = asked.name.split()
    for end in range(len(words), 0, -1):
        name = " ".join(words[:end])
        if products := reference.products_of(name):
            return products, asked._replace(name=name, details=" ".join([asked.details, *words[end:]]).strip())
    return (), asked


def _scored(product: Product, asked: Asked) -> Link:
    reasons: list[str] = []
    own = product.brand == asked.name or product.brand.startswith(asked.name + " ")
    reasons.append("name" if own else "substance")
    agreement, ok, factor = _strengths(asked.strengths, product)
    if ok:
        reasons.append("strength" if agreement == 1 else "part of the strengths")
    elif factor:
        reasons.append(f"strength times {factor:g}")
    elif ok is False:
        reasons.append("other strength")
    form = _form(asked, product)
    if asked.form:
        reasons.append("form" if form > 0.9 else "like form" if form > UNSAID else "other form")
    route = UNSAID
    if asked.routes and product.routes:
        route = float(any(one in product.routes for one in asked.routes))
        if route:
            reasons.append("route")
    if not product.marketed:
        reasons.append("not marketed")
    parts = {
        "strength": agreement, "name": 1.0 if own else 0.9, "form": form, "route": route,
        "marketed": float(product.marketed), "use": min(1.0, math.log10(1 + product.weight) / MANY),
    }  # fmt: skip
    if asked.details and any(
        word in _traits(product.name, product.form or "")[0].split() for word in asked.details.split() if len(word) > 2
    ):
        parts["use"] = 1.0
    score = sum(WEIGHTS[key] * value for key, value in parts.items())
    return Link(product, round(score, 4), ok, factor, tuple(reasons))


def _strengths(read: Sequence[Strength], product: Product) -> tuple[float, bool | None, float | None]:
    """(agreement from 0 to 1, whether the strengths are the product's, power of ten by which they aren't)."""
    held = [one.strength for one in product.substances if one.strength]
    read = [strength for strength in read if strength.unit is None or measured(strength)]
    if not read or not (held or product.strengths):
        return UNSAID, None, None
    left = list(product.strengths or held)
    also = [one for one in held if product.strengths and not any(same(one, other) for other in product.strengths)]
    several, matched, exact, factors = len(left), 0, 0, []
    for strength in read:
        # What its name says comes first: 500 µg is not the ARANESP of 150 µg that holds 500 µg in a millilitre.
        others = [one for one in also if strength.per or not one.per]
        ratios = [(value, other) for other in (*left, *others) for value in _ratios(strength, other)]
        if fitting := [other for value, other in ratios if abs(value - 1) <= NEAR]:
            matched += 1
            exact += strength in fitting or not strength.per
            if fitting[0] in left:
                left.remove(fitting[0])
        elif slipped := next((found for value, _other in ratios if (found := slip(value))), None):
            factors.append(slipped)
    if matched == len(read):
        return (1.0 if len(read) >= several else 0.95) - (0.0 if exact == matched else 0.02), True, None
    if matched + len(factors) == len(read):
        return SLIPPED, False, factors[0]
    return 0.2 * matched / len(read), False, None


def _ratios(read: Strength, real: Strength) -> Iterable[float]:
    """Read to real; a number without a unit is compared with the real one in each unit that it may have."""
    if read.unit is not None:
        found = ratio(read, real)
        return () if found is None else (found,)
    kind, scale = SCALE.get(real.unit or "", ("", 0.0))
    if kind in ("", "%") or real.value <= 0:
        return (read.value / real.value,) if real.value > 0 else ()
    found_in = [read.value * other / (real.value * scale) for of, other in SCALE.values() if of == kind]
    return [value for value in found_in if abs(value - 1) <= NEAR] or (read.value / real.value,)


@lru_cache(maxsize=32768)
def _traits(name: str, form: str) -> tuple[str, str, bool]:
    """(plain name, plain form, released slowly) of a product."""
    text, own = plain(name), plain(form)
    return text, own, bool(PROLONGED.search(text.replace("l.p.", "lp"))) or "prolongee" in own


def _form(asked: Asked, product: Product) -> float:
    """1 for the same form, less for one that is written for it, 0 for another."""
    said = plain(asked.form)
    prolonged = bool(PROLONGED.search(f"{said} {asked.details} {asked.name}"))
    name, own, slow = _traits(product.name, product.form or "")
    release = 0.25 if prolonged != slow and (prolonged or said.startswith(("comprime", "gelule"))) else 0.0
    if prolonged and not slow:
        release = 0.6
    if not said or not own:
        return UNSAID - release / 2 - (0.0 if own else KIT)
    if said == own:
        return 1.0 - release
    detail = DETAILED.search(said)
    if detail and detail.group() in name:
        return 1.0 - release
    if RESISTANT.search(said) and RESISTANT.search(own):
        return 1.0 - release
    first, other = said.split()[0], own.split()[0]
    if first == other:
        return (0.93 if not detail else 0.7) - release
    words, others = set(said.split()), set(own.split()) | set(DETAILED.findall(name))
    if any(words & family and others & family for family in FAMILY_OF):
        return 0.7 - release
    return 0.0
