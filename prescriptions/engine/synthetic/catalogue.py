"""The products that are prescribed: by their weights, by profile, and parted by brand for training and tests."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from prescriptions.engine.reference.product import Product
from prescriptions.engine.synthetic.chance import chance_of, weighted
from prescriptions.engine.synthetic.drawing import Patient, draw
from prescriptions.engine.synthetic.labels import labelled
from prescriptions.engine.synthetic.posologies import Posology, posology_of

SPLITS = ("train", "dev", "test")
PATTERN = ("train", "test", "train", "train", "dev", "train", "train")
"""Brands and templates in order fall to these in turn: neighbours of one class are parted, five of seven train."""
TRIES = 20
"""Draws that may meet a class that is taken, before those are left out."""
LEAST = 1.0
"""Weight of a product of which the lists tell none."""


def part(place: int) -> str:
    """The split of what stands at this place of an ordered list."""
    return PATTERN[place % len(PATTERN)]


@dataclass(frozen=True, slots=True)
class Choice:
    """A product with the row it is dosed by."""

    product: Product
    posology: Posology
    split: str


class Catalogue:
    """What may be prescribed from these products."""

    def __init__(self, products: Sequence[Product]) -> None:
        labels = (labelled(product) for product in products if product.marketed)
        known = [(product, row) for product in labels if (row := posology_of(product)) and dosable(product, row)]
        by_class: dict[str, str] = {}
        for product, _ in known:
            by_class[product.brand] = min(product.atc, by_class.get(product.brand, product.atc))
        brands = sorted(by_class, key=lambda brand: (by_class[brand], brand))
        self.splits = {brand: part(place) for place, brand in enumerate(brands)}
        self.choices = tuple(Choice(product, row, self.splits[product.brand]) for product, row in known)
        self._by_use: dict[tuple[str, str], list[tuple[Choice, float]]] = defaultdict(list)
        self._summed: dict[tuple[str, str], tuple[list[Choice], list[float]]] = {}
        for one in self.choices:
            for profile in one.posology.profiles:
                self._by_use[one.split, profile].append((one, drawn_weight(one.product)))

    def may_draw(self, split: str, profile: str) -> bool:
        return bool(self._by_use[split, profile])

    def draw(self, split: str, profile: str, without: set[str], chance: random.Random) -> Choice | None:
        """A product of the profile, as often as its weight says; None where every class of it is taken."""
        choices, sums = self._sums(split, profile)
        for _ in range(TRIES if choices else 0):
            (one,) = chance.choices(choices, cum_weights=sums)
            if one.product.atc[:5] not in without:
                return one
        open_to = [pair for pair in self._by_use[split, profile] if pair[0].product.atc[:5] not in without]
        return weighted(chance, *zip(*open_to, strict=True)) if open_to else None

    def _sums(self, split: str, profile: str) -> tuple[list[Choice], list[float]]:
        """What may be drawn, and the sums of the weights so far."""
        key = split, profile
        if key not in self._summed:
            pairs = self._by_use[key]
            self._summed[key] = [one for one, _ in pairs], list(accumulate(weight for _, weight in pairs))
        return self._summed[key]


def dosable(product: Product, posology: Posology) -> bool:
    """Whether some amount and rhythm of the row can be given with this strength."""
    return draw(product, posology, Patient(age=40, weight_kg=20), chance_of("trial", product.cis)) is not None


def drawn_weight(product: Product) -> float:
    """The square root of its weight in the lists: what is common is common, and what is rare is seen."""
    return float(max(product.weight, LEAST) ** 0.5)
