"""Which products come with the project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable

from prescriptions.engine.reference.product import Product


def most_used(products: Iterable[Product], count: int, preferred: Container[str]) -> list[Product]:
    """About `count` products: the names that are used most, each whole, since strengths are compared with all of them.

    One product, the most used, for each strength and form of a name. `preferred` names come first.
    """
    named: dict[str, list[Product]] = defaultdict(list)
    for product in products:
        if product.marketed:
            named[product.brand].append(product)
    chosen: list[Product] = []

    def rank(brand: str) -> tuple[bool, float]:
        known = brand in preferred or brand.partition(" ")[0] in preferred
        return not known, -sum(product.weight for product in named[brand])

    for brand in sorted(named, key=rank):
        group = named[brand]
        best: dict[object, Product] = {}
        for product in sorted(group, key=lambda product: (product.weight, product.cis)):
            best[product.strengths, product.form] = product
        if len(chosen) + len(best) > count:
            break
        chosen.extend(best.values())
    return chosen
