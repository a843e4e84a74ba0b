"""Under which names products are prescribed: brand, international name, several substances, abbreviations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import permutations

from prescriptions.engine.reference.product import Product
from prescriptions.engine.reference.substances import inn
from prescriptions.engine.words import lexicon as words_of

ABBREVIATIONS = {
    "hctz": "hydrochlorothiazide", "aas": "acide acetylsalicylique", "mtx": "methotrexate", "amox": "amoxicilline",
    "amoxi": "amoxicilline", "sulfadiazine ag": "sulfadiazine argentique", "ac folique": "acide folique",
    "ac acetylsalicylique": "acide acetylsalicylique", "ac valproique": "acide valproique",
    "ac tranexamique": "acide tranexamique", "ac fusidique": "acide fusidique", "ac alendronique": "acide alendronique",
    "ac ursodesoxycholique": "acide ursodesoxycholique", "vit b1": "thiamine", "vit b6": "pyridoxine",
    "vit d3": "cholecalciferol", "l thyroxine": "levothyroxine", "l - thyroxine": "levothyroxine",
    "5fu": "fluorouracile", "5 - fu": "fluorouracile", "mmf": "mycophenolate mofetil",
    "amox / ac clav": "amoxicilline/acide clavulanique", "amoxi clav": "amoxicilline/acide clavulanique",
    "amoxicilline / ac clavulanique": "amoxicilline/acide clavulanique",
    "amoxicilline ac clavulanique": "amoxicilline/acide clavulanique", "smx tmp": "sulfamethoxazole/trimethoprime",
    "cotrimoxazole": "sulfamethoxazole/trimethoprime", "l dopa": "levodopa", "pipe tazo": "piperacilline/tazobactam",
    "pipe / tazo": "piperacilline/tazobactam", "tazo": "piperacilline/tazobactam",
}  # fmt: skip
"""How prescribers shorten names, as texts are cut -> the name meant, plain."""
JOINTS = (("/",), ("+",), ("-",), ("et",), (",",), ())
"""What may stand between the substances of one product."""
MOST = 3
"""Substances that a name lists; beyond, it is known by its brand."""
SHORTEST = 5
"""Letters of a first word that is a name by itself."""


def international(product: Product) -> tuple[str, ...]:
    """The international names of its substances, each once, in their order; nothing where one has none."""
    names = [inn(substance.name) for substance in product.substances]
    return tuple(dict.fromkeys(names)) if all(names) else ()


def names_of(product: Product) -> tuple[str, ...]:
    """Every plain name that a product goes by, its brand first; substances are joined by `/`, in any order."""
    inns = international(product)
    joined = ["/".join(order) for order in permutations(inns)] if len(inns) <= MOST else []
    return tuple(dict.fromkeys(name for name in (product.brand, *joined) if len(name) >= 3))


def index(products: Sequence[Product]) -> dict[str, list[int]]:
    """Plain name -> places of the products that go by it."""
    names: dict[str, list[int]] = defaultdict(list)
    for place, product in enumerate(products):
        for name in names_of(product):
            names[name].append(place)
    for name, places in _first_words(products, names).items():
        names[name] = places
    return dict(names)


def _first_words(products: Sequence[Product], names: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """`TRESIBA FLEXTOUCH` is also called tresiba: the first word, where all that begin with it hold the same."""
    begin: dict[str, list[int]] = defaultdict(list)
    for place, product in enumerate(products):
        first, _, rest = product.brand.partition(" ")
        if rest and "/" not in product.brand:
            begin[first].append(place)
    return {
        word: places
        for word, places in begin.items()
        if len(word) >= SHORTEST
        and word not in names
        and not words_of.is_word(word)
        and len({frozenset(one.name for one in products[place].substances) for place in places}) == 1
    }


def meant(name: str, names: Mapping[str, Sequence[int]], products: Sequence[Product]) -> list[int]:
    """The products that a name of our own list means and that none goes by as it is: the same with `/`, or longer."""
    if found := names.get("/".join(name.split())):
        return list(found)
    return [place for place, product in enumerate(products) if product.brand.startswith((f"{name} ", f"{name}/"))]
