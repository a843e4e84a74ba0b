"""A small list of products, written for these tests: `products.tsv` beside this file."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from prescriptions.engine.reference.product import Product, Substance
from prescriptions.engine.schema import Quantity, Strength
from prescriptions.engine.text import plain

STRENGTH = re.compile(r"([\d,]+) (mg|g|µg|UI|%)(?:/([\d,]+) (\w+))?")


def strength(text: str) -> Strength:
    found = re.fullmatch(r"([\d,]+) (\S+?)(?:/([\d,]+) (mL|h))?", text)
    assert found is not None, text
    per = Quantity(value=float(found[3].replace(",", ".")), unit=found[4]) if found[3] else None
    return Strength(float(found[1].replace(",", ".")), found[2], per)


def strengths(text: str) -> list[Strength | None]:
    """`1 g/125 mg` are two, `20 mg/1 mL` is one in a volume."""
    if not text:
        return []
    parts = re.split(r"/(?=[\d,]+ (?!mL|h))", text)
    return [strength(one) for one in parts]


@lru_cache(maxsize=1)
def products() -> tuple[Product, ...]:
    lines = Path(__file__).with_name("products.tsv").read_text(encoding="utf-8").splitlines()
    made = []
    for number, line in enumerate(line for line in lines if line and not line.startswith("#")):
        brand, substances, written, form, atc, weight = line.split("\t")
        each = strengths(written)
        names = substances.split("+")
        made.append(
            Product(
                cis=f"9{number:07d}", name=f"{brand} {written}, {form}", brand=plain(brand), form=form, atc=atc,
                substances=tuple(Substance(name, strength=each[place] if place < len(each) else None)
                                 for place, name in enumerate(names)),
                atc_source="own", weight=float(weight),
            )
        )  # fmt: skip
    return tuple(made)
