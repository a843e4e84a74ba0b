"""A set of medicines to read with: products, the names they go by, and the search among them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from prescriptions.engine.medicines.lexicon import Formulary, Term
from prescriptions.engine.reference.labels import amount
from prescriptions.engine.reference.names import ABBREVIATIONS, JOINTS
from prescriptions.engine.reference.product import Product
from prescriptions.engine.reference.quantities import same
from prescriptions.engine.schema import Strength
from prescriptions.engine.text import plain
from prescriptions.engine.words.lexicon import parts

LICENCE = "Licence Ouverte 2.0 (Etalab)"
SOURCE = "Base de données publique des médicaments (ANSM, HAS, UNCAM)"
WORD = re.compile(r"[^\W_]+(?:[.,]\d+)?")
CODE = re.compile(r"\d{8}|\d{13}", re.ASCII)
SIZE = re.compile(r"(?<![\w,.])\d+(?:[.,]\d+)?\s*(?:mg|µg|ug|mcg|g|ui|%)(?!\w)")
LEAST = 2
"""Letters of the longest word of a search: one letter begins half of everything."""


@dataclass(frozen=True, slots=True)
class About:
    """What an edition is: shown wherever its facts are."""

    name: str
    edition: str
    """Date that the publisher gives, as ISO."""
    sha256: str = ""
    """Of the files it was made from, in the order of their names."""
    source: str = SOURCE
    licence: str = LICENCE

    def __str__(self) -> str:
        return f"{self.name} {self.edition}".strip()


class Reference:
    """Products with their names. Whatever is asked twice is answered from memory; nothing of it ever changes."""

    def __init__(
        self,
        about: About,
        products: Sequence[Product],
        terms: Sequence[Term],
        names: Mapping[str, Sequence[int]],
        cis: Sequence[str],
        texts: Sequence[str],
    ) -> None:
        self.about = about
        self.products = products
        self.terms = tuple(terms)
        self.names = names
        self._cis = {code: place for place, code in enumerate(cis)}
        self.texts = texts

    def __str__(self) -> str:
        return str(self.about)

    def __len__(self) -> int:
        return len(self.products)

    @cached_property
    def lexicon(self) -> Formulary:
        """The names, as the reader of lines asks for them."""
        return Formulary(self.terms, dict(_spellings(self.terms)))

    def product(self, code: str) -> Product | None:
        """By its CIS, or the CIP13 of one of its boxes."""
        if (place := self._cis.get(code)) is not None:
            return self.products[place]
        if not CODE.fullmatch(code):
            return None
        return next((self.products[place] for place in self._holding(code)), None)

    def products_of(self, name: str) -> tuple[Product, ...]:
        """Those that go by this name, brand or substances; none for a name that only names."""
        return tuple(self.products[place] for place in self.names.get(plain(name), ()))

    def search(self, text: str, limit: int = 20) -> tuple[Product, ...]:
        """Products whose words begin with those typed, the likeliest first; what nothing begins with may be misspelt."""
        asked = plain(text)[:80]
        sizes = [size for match in SIZE.finditer(asked) if (size := amount(match.group()))]
        words = [word.replace(",", ".") for word in WORD.findall(SIZE.sub(" ", asked))]
        if max(map(len, words), default=0) < LEAST:
            return ()
        places = self._with_all(words)
        if not places and (mended := [self._mended(word) for word in words]) != words:
            places = self._with_all([part for word in mended for part in word.split()])
        fitting = {place for place in places if self._holds(place, sizes)} if sizes else places
        ranked = sorted(fitting or places, key=lambda place: self._rank(place, words[0]))
        return tuple(self.products[place] for place in ranked[:limit])

    def _holds(self, place: int, sizes: Iterable[Strength]) -> bool:
        product = self.products[place]
        held = [*product.strengths, *(one.strength for one in product.substances if one.strength)]
        return all(any(same(size, other) for other in held) for size in sizes)

    def _rank(self, place: int, word: str) -> tuple[bool, bool, float, str]:
        product = self.products[place]
        begins = product.brand.startswith(word)
        return not product.marketed, not begins, -product.weight, product.name

    def _with_all(self, words: Iterable[str]) -> set[int]:
        found: set[int] | None = None
        for word in words:
            places = set(self._holding(word))
            found = places if found is None else found & places
            if not found:
                break
        return found or set()

    def _mended(self, word: str) -> str:
        near = self.lexicon.nearest(word) if len(word) >= 5 and not word.isdigit() else None
        return " ".join(WORD.findall(plain(near.term.name))) if near else word

    @cached_property
    def _haystack(self) -> tuple[str, list[int]]:
        """All texts as one, and where each begins."""
        begins, length = [], 0
        for text in self.texts:
            begins.append(length)
            length += len(text) + 1
        return "\n".join(self.texts), begins

    def _holding(self, word: str) -> Iterator[int]:
        """Products one of whose words begins with this one."""
        hay, begins = self._haystack
        at = hay.find(" " + word)
        while at >= 0:
            place = bisect_right(begins, at) - 1
            yield place
            if place + 1 == len(begins):
                return
            at = hay.find(" " + word, begins[place + 1])


def text_of(product: Product) -> str:
    """What a product is searched by: each word after a space."""
    said = [product.name, *(one.name for one in product.substances)]
    words = (word.replace(",", ".") for one in said for word in WORD.findall(plain(one)))
    codes = (product.cis, *(box.cip13 for box in product.presentations), product.atc.lower())
    return " " + " ".join(dict.fromkeys((*words, *codes)))


def _spellings(terms: Iterable[Term]) -> Iterator[tuple[tuple[str, ...], Term]]:
    """Other ways to write a name, as words: several substances with any sign between them, and abbreviations."""
    known: dict[str, Term] = {}
    for term in terms:
        name = plain(term.name)
        known[name] = term
        if "/" in name:
            pieces = [parts(piece.strip()) for piece in name.split("/")]
            for joint in JOINTS[1:]:
                words = list(pieces[0])
                for piece in pieces[1:]:
                    words.extend((*joint, *piece))
                yield tuple(words), term
    for short, name in ABBREVIATIONS.items():
        if name in known:
            yield tuple(parts(short)), known[name]
