"""The starter formulary: what comes with the project, so that it works at once; a text table that people can read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

from prescriptions.engine.medicines.lexicon import Formulary, own_terms
from prescriptions.engine.reference import codes
from prescriptions.engine.reference.building import assemble
from prescriptions.engine.reference.catalogue import LICENCE, SOURCE, About, Reference
from prescriptions.engine.reference.product import Product, Substance
from prescriptions.engine.schema import Quantity, Strength

NAME, FILE = "starter", "starter.tsv"
HEAD = "# {source}, edition {edition}, {licence}. Chosen: names prescribed in France, by use, each whole (Open"
HEAD += " Medic, Assurance Maladie, {licence}).\n"
HEAD += "# cis\tname\tbrand\tstrengths\tsubstances\tform\troutes\tatc\tatc source\tboxes a year"
SIZE = re.compile(r"([\d.]+) ([^/\s]+)(?:/([\d.]+) (\S+))?")
EDITION = re.compile(r"edition (\d{4}-\d\d-\d\d)")


def table(products: Iterable[Product], forms: dict[str, str], edition: str) -> str:
    """The text of the starter file; `forms` are those published, by CIS."""
    rows = [HEAD.format(source=SOURCE, licence=LICENCE, edition=edition)]
    for one in sorted(products, key=lambda product: product.name):
        substances = "; ".join(f"{part.name}={written(part.strength)}" for part in one.substances)
        rows.append(
            "\t".join(
                (one.cis, one.name, one.brand, " + ".join(map(written, one.strengths)), substances, forms[one.cis],
                 ";".join(one.routes), one.atc, one.atc_source, f"{one.weight:.0f}")
            )
        )  # fmt: skip
    return "\n".join(rows) + "\n"


def written(strength: Strength | None) -> str:
    """`1000 mg`, `800 µg/2 mL`; nothing for None."""
    if strength is None:
        return ""
    per = f"/{strength.per.value:g} {strength.per.unit}" if strength.per else ""
    return f"{_figure(strength.value)} {strength.unit or '-'}{per}"


def _figure(value: float) -> str:
    return f"{value:f}".rstrip("0").rstrip(".")


def parsed(text: str) -> tuple[str, list[Product]]:
    """(edition, products) of the text that `table` wrote."""
    lines = text.splitlines()
    found = EDITION.search(lines[0])
    products = []
    for line in lines:
        if line.startswith("#"):
            continue
        cis, name, brand, strengths, substances, published, routes, atc, source, weight = line.split("\t")
        form, form_code = codes.form_of(published)
        parts = (part.rpartition("=") for part in substances.split("; ") if part)
        sizes = (size for one in strengths.split(" + ") if (size := _size(one)))
        products.append(
            Product(
                cis, name, brand, tuple(Substance(label, "", _size(size)) for label, _, size in parts), form, form_code,
                tuple(filter(None, routes.split(";"))), atc, source, weight=float(weight), strengths=tuple(sizes),
            )
        )  # fmt: skip
    return found[1] if found else "", products


@lru_cache(maxsize=4096)
def _size(text: str) -> Strength | None:
    match = SIZE.fullmatch(text)
    if match is None:
        return None
    per = Quantity(float(match[3]), unit=match[4]) if match[3] else None
    return Strength(float(match[1]), match[2] if match[2] != "-" else None, per)


@lru_cache(maxsize=1)
def starter() -> Reference:
    """What comes with the project: some thousand products, and our own list of names."""
    text = resources.files("prescriptions.engine.reference").joinpath(FILE).read_text(encoding="utf-8")
    edition, products = parsed(text)
    return assemble(About(NAME, edition), products, own_terms())


def starter_lexicon() -> Formulary:
    """Its names."""
    return starter().lexicon
