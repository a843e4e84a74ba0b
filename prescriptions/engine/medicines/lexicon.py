"""The names of medicines: exact longest match on words, and the nearest name for what is misspelt or misread."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from prescriptions.engine.text import plain
from prescriptions.engine.words.lexicon import parts

MISREAD = (("0", "o"), ("1", "l"), ("1", "i"), ("rn", "m"), ("5", "s"), ("vv", "w"), ("8", "b"))
"""What optical readers take for what."""


@dataclass(frozen=True, slots=True)
class Term:
    """A name under which a medicine is prescribed; `atc` is empty where the sources give none."""

    name: str
    atc: str = ""
    kind: str = "brand"
    source: str = "starter"


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest term, how like it is (0 to 1), and how much less like the next one with another code is."""

    term: Term
    likeness: float
    margin: float


class Lexicon(Protocol):
    """What the reader needs of a set of medicines' names."""

    @property
    def words(self) -> frozenset[str]:
        """Every word of every name, plain."""

    def longest(self, words: Sequence[str]) -> tuple[Term, int] | None:
        """The longest name that the words begin with, and how many words it takes."""

    def nearest(self, text: str) -> Near | None:
        """The name most like a plain text, if any is like it at all."""


@dataclass(frozen=True)
class Formulary:
    """A lexicon held in memory."""

    terms: tuple[Term, ...]
    spellings: dict[tuple[str, ...], Term] = field(default_factory=dict, repr=False, compare=False)
    """Other ways to write names, as words."""
    _by_head: dict[str, list[tuple[tuple[str, ...], Term]]] = field(init=False, repr=False, compare=False)
    _by_name: dict[str, Term] = field(init=False, repr=False, compare=False)
    _words: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_head: dict[str, list[tuple[tuple[str, ...], Term]]] = defaultdict(list)
        by_name: dict[str, Term] = {}
        for term in self.terms:
            name = plain(term.name)
            words = tuple(parts(name))
            if words and name not in by_name:
                by_name[name] = term
                by_head[words[0]].append((words, term))
        for words, term in self.spellings.items():
            by_head[words[0]].append((words, term))
        for entries in by_head.values():
            entries.sort(key=lambda entry: -len(entry[0]))
        object.__setattr__(self, "_by_head", dict(by_head))
        object.__setattr__(self, "_by_name", by_name)
        written = (word for entries in by_head.values() for words, _term in entries for word in words)
        object.__setattr__(self, "_words", frozenset(written))
        object.__setattr__(self, "nearest", lru_cache(maxsize=8192)(self._nearest))

    @property
    def words(self) -> frozenset[str]:
        return self._words

    def longest(self, words: Sequence[str]) -> tuple[Term, int] | None:
        if not words:
            return None
        for name, term in self._by_head.get(words[0], ()):
            if len(name) <= len(words) and tuple(words[: len(name)]) == name:
                return term, len(name)
        return None

    def nearest(self, text: str) -> Near | None:
        return self._nearest(text)

    def _nearest(self, text: str) -> Near | None:
        for reading in readings(text):
            if reading in self._by_name:
                return Near(self._by_name[reading], 0.97 if reading != text else 1.0, 1.0)
        found = process.extract(
            text, self._by_name.keys(), scorer=OSA.normalized_similarity, score_cutoff=0.72, limit=6
        )
        if not found:
            return None
        best = self._by_name[found[0][0]]
        others = [likeness for name, likeness, _ in found[1:] if self._by_name[name].atc[:5] != best.atc[:5]]
        return Near(best, found[0][1], found[0][1] - max(others, default=0.0))


def readings(text: str) -> Iterable[str]:
    """The text, and what it would be had a letter been misread."""
    yield text
    for wrong, right in MISREAD:
        if wrong in text:
            yield text.replace(wrong, right)
    digits = text.replace("0", "o").replace("1", "l").replace("5", "s")
    if digits != text:
        yield digits


LINE = re.compile(r"^([^\t\n#][^\t\n]*)\t([A-Z0-9]*)\t(inn|brand)\s*$", re.MULTILINE)


@lru_cache(maxsize=1)
def own_terms() -> tuple[Term, ...]:
    """The names that come with the project, with codes."""
    text = resources.files("prescriptions.engine.medicines").joinpath("starter.tsv").read_text(encoding="utf-8")
    return tuple(Term(name, atc, kind) for name, atc, kind in LINE.findall(text))
