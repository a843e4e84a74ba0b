"""From the official files to products with their names, codes, boxes and shortages."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from prescriptions.engine.medicines.lexicon import Term, own_terms
from prescriptions.engine.reference import atc, codes, labels, official
from prescriptions.engine.reference.catalogue import About, Reference, text_of
from prescriptions.engine.reference.figures import number
from prescriptions.engine.reference.names import index, international, meant, names_of
from prescriptions.engine.reference.product import Presentation, Product, Substance
from prescriptions.engine.reference.quantities import same
from prescriptions.engine.schema import Strength
from prescriptions.engine.text import plain

Progress = Callable[[int, int], None]
STEPS = 8
"""How often `build` reports."""
UNAVAILABLE = frozenset("123")
HOMEOPATHIC = "homéo"
SURE = 0.5
"""Share of a name's products that must have one ATC code for the name to have it."""


def build(
    files: Mapping[str, bytes],
    *,
    name: str,
    edition: str,
    weights: Mapping[str, float] | None = None,
    suggested: Mapping[str, str] | None = None,
    report: Progress = lambda done, total: None,
) -> Reference:
    """An edition out of the bytes of the official files, by stem. Raises Unreadable.

    `weights` are boxes reimbursed in a year by CIS, `suggested` a third party's ATC codes. Homeopathic ranges are left
    out: their one row stands for hundreds of dilutions. What is not marketed stays, since old ordonnances name it.
    """
    specialities = [row for row in official.read(files, official.Speciality) if HOMEOPATHIC not in row.procedure]
    report(1, STEPS)
    known = {row.cis for row in specialities}
    components: dict[str, list[official.Component]] = defaultdict(list)
    for component in official.read(files, official.Component):
        if component.cis in known:
            components[component.cis].append(component)
    report(2, STEPS)
    boxes = _boxes(official.read(files, official.Box))
    report(3, STEPS)
    groups = {row.cis: row.group for row in official.read(files, official.Generic)}
    majors = {row.cis: row.atc for row in official.read(files, official.Major)}
    conditions: dict[str, list[str]] = defaultdict(list)
    for condition in official.read(files, official.Condition):
        conditions[condition.cis].append(condition.text)
    shortages = {
        row.cis: f"{row.label} ({row.start})" if row.start else row.label
        for row in official.read(files, official.Shortage)
        if row.kind in UNAVAILABLE and not row.back
    }
    opinions = _opinions(official.read(files, official.Opinion))
    improvements = _opinions(official.read(files, official.Improvement))
    report(4, STEPS)
    products = [
        replace(
            _product(row, components[row.cis]),
            presentations=tuple(boxes.get(row.cis, ())),
            generic_group=groups.get(row.cis, ""),
            shortage=shortages.get(row.cis, ""),
            weight=round((weights or {}).get(row.cis, 0.0)),
            conditions=tuple(dict.fromkeys(conditions.get(row.cis, ()))),
            benefit=opinions.get(row.cis, ""),
            improvement=improvements.get(row.cis, ""),
        )
        for row in specialities
    ]
    report(6, STEPS)
    digest = hashlib.sha256(b"".join(files[stem] for stem in sorted(files))).hexdigest()
    made = assemble(About(name, edition, digest), coded(products, majors, suggested or {}), own_terms())
    report(8, STEPS)
    return made


def _product(row: official.Speciality, components: list[official.Component]) -> Product:
    strengths = labels.named_strengths(row.label)
    form, form_code = codes.form_of(row.form)
    return Product(
        cis=row.cis,
        name=row.label,
        brand=labels.brand(row.label, row.holders),
        substances=_substances(components, strengths),
        form=form,
        form_code=form_code,
        routes=codes.routes_of(row.routes),
        marketed=row.marketed == "Commercialisée",
        strengths=strengths,
    )


def _substances(components: Iterable[official.Component], named: tuple[Strength, ...]) -> tuple[Substance, ...]:
    """One for each link: the therapeutic fraction (FT), not its salt (SA), unless the name says the salt's amount.

    METFORMINE 1000 mg holds 1000 mg of the hydrochloride and 780 mg of metformine: ordonnances say 1000 mg.
    """
    linked: dict[tuple[str, str], list[official.Component]] = defaultdict(list)
    for component in components:
        linked[component.element, component.link].append(component)
    found: list[Substance] = []
    for rows in linked.values():
        fractions = [row for row in rows if row.nature == "FT"]
        chosen = (fractions or rows)[0]
        amounts = [strength for row in (chosen, *rows) if (strength := labels.amount(row.amount, row.per))]
        said = next((one for one in amounts if any(same(one, other) for other in named)), None)
        strength = said or (amounts[0] if amounts else None)
        found.append(Substance(chosen.name.strip(), chosen.code, strength))
    found = list(dict.fromkeys(found))
    if len(found) == len(named) == 1 and found[0].strength is None:
        found = [replace(found[0], strength=named[0])]
    return tuple(found)


def _boxes(rows: Iterable[official.Box]) -> dict[str, list[Presentation]]:
    found: dict[str, list[Presentation]] = defaultdict(list)
    for row in rows:
        price = number(row.price)
        found[row.cis].append(Presentation(row.cip13, row.label, price, labels.units_of(row.label)))
    return found


def _opinions(rows: Iterable[official.Opinion | official.Improvement]) -> dict[str, str]:
    """The latest value of each product, with its year."""
    latest: dict[str, tuple[str, str]] = {}
    for row in rows:
        latest[row.cis] = max(latest.get(row.cis, ("", "")), (row.date, row.value))
    return {cis: f"{value} ({date[:4]})" for cis, (date, value) in latest.items()}


def coded(products: Iterable[Product], majors: Mapping[str, str], suggested: Mapping[str, str]) -> list[Product]:
    """The products with their ATC codes and where these are from."""
    rows = list(products)
    own = {plain(term.name): term.atc for term in own_terms() if atc.SHAPE.fullmatch(term.atc)}
    known = (
        atc.Known(
            row.cis,
            majors.get(row.cis, ""),
            row.generic_group,
            frozenset(one.code or one.name for one in row.substances),
            row.routes,
            names_of(row),
        )
        for row in rows
    )
    found = atc.derive(known, own, suggested)
    return [
        replace(row, atc=found[row.cis][0], atc_source=found[row.cis][1]) if row.cis in found else row for row in rows
    ]


def assemble(about: About, products: list[Product], own: Iterable[Term]) -> Reference:
    """Products with every name they go by. A name of our own list keeps its code, and stays also without a product."""
    names = index(products)
    terms: dict[str, Term] = {plain(term.name): term for term in own}
    for name in terms.keys() - names.keys():
        if places := meant(name, names, products):
            names[name] = places
    substances = {name for product in products for name in international(product)}
    for name, places in names.items():
        if name in terms:
            continue
        counted = Counter(products[place].atc for place in places)
        counted.pop("", None)
        [(code, count)] = counted.most_common(1) or [("", 0)]
        sure = count > SURE * counted.total()
        kind = "inn" if "/" in name or name in substances else "brand"
        terms[name] = Term(name.upper(), code if sure else "", kind, about.name)
    cis = [product.cis for product in products]
    return Reference(about, products, tuple(terms.values()), names, cis, [text_of(product) for product in products])
