"""The table of usual posologies: for each class of medicines amounts, rhythms, lengths, reasons and a daily maximum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from prescriptions.engine.reference.product import Product

AMOUNT = re.compile(r"([\d,]+)(?:-([\d,]+))?\s*(.*)")
LETTERS = {
    "g": "general", "p": "paediatrics", "c": "cardiology", "d": "diabetes", "l": "palliative", "h": "discharge",
    "n": "narcotics", "e": "care-home", "o": "ophthalmology", "s": "dermatology",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """What is taken at a time; the unit `u` is that of the form, `kg` the mark of a dose pipette."""

    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True)
class Posology:
    """A row of the table; `key` names it in the ledger."""

    atc: str
    forms: tuple[str, ...]
    profiles: frozenset[str]
    amounts: tuple[Amount, ...]
    rhythms: tuple[str, ...]
    lengths: tuple[str, ...]
    reasons: tuple[str, ...]
    always_if_needed: bool
    most: Amount
    more: dict[str, tuple[str, ...]]

    @property
    def key(self) -> str:
        return f"{self.atc}/{self.forms[0]}/{self.most.unit}"


def number(text: str) -> float:
    return float(text.replace(",", "."))


def amounts(written: str) -> tuple[Amount, ...]:
    """`500|1000 mg` -> both in milligrams. Raises ValueError for what is no amount."""
    parts = written.split("|")
    last = AMOUNT.fullmatch(parts[-1])
    if last is None and parts[-1] != "kg":
        raise ValueError(f"no amount is written {written!r}")
    unit = last[3] if last else "kg"
    found = []
    for part in parts:
        if part == "kg":
            found.append(Amount(1.0, 1.0, "kg"))
            continue
        match = AMOUNT.fullmatch(part)
        if match is None:
            raise ValueError(f"no amount is written {written!r}")
        low = number(match[1])
        found.append(Amount(low, number(match[2]) if match[2] else low, match[3] or unit))
    return tuple(found)


def split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def row(line: str) -> Posology:
    """One row. Raises ValueError where it isn't one."""
    atc, forms, profiles, amount, rhythms, lengths, need, most, more = line.split("\t")
    extras = dict(part.split("=", 1) for part in more.split(";") if part)
    return Posology(
        atc=atc,
        forms=split(forms),
        profiles=frozenset(LETTERS[letter] for letter in profiles),
        amounts=amounts(amount),
        rhythms=split(rhythms),
        lengths=split(lengths) or ("-",),
        reasons=split(need.removeprefix("!")),
        always_if_needed=need.startswith("!"),
        most=amounts(most)[0],
        more={key: split(value) for key, value in extras.items()},
    )


@lru_cache(maxsize=1)
def table() -> tuple[Posology, ...]:
    """All rows, the longest codes first."""
    text = resources.files(__package__).joinpath("posologies.tsv").read_text(encoding="utf-8")
    rows = [row(line) for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(sorted(rows, key=lambda one: -len(one.atc)))


def posology_of(product: Product) -> Posology | None:
    """The row for a product: that of its form with the longest code that its own begins with, and the fullest form."""
    form = product.form or ""
    found = [
        (len(one.atc), len(kind), one)
        for one in table()
        if product.atc.startswith(one.atc)
        for kind in one.forms
        if form.startswith(kind)
    ]
    return max(found, key=lambda each: each[:2])[2] if found else None
