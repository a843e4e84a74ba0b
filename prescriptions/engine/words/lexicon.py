"""Which words and phrases mean what, looked up in the tokens; misspelt and run-together words put right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from prescriptions.engine.words import forms, numbers, times, units, vocabulary


class Lexeme(NamedTuple):
    """What a phrase means in one category, and how many tokens it takes."""

    value: Any
    length: int


class Entry(NamedTuple):
    words: tuple[str, ...]
    category: str
    value: Any


PARTS_OF = re.compile(r"\d+|[^\W\d_]+|\S")


def parts(phrase: str) -> list[str]:
    """A phrase of the tables, cut as texts are cut."""
    return PARTS_OF.findall(phrase)


def _entries() -> Iterator[Entry]:
    tables: dict[str, Mapping[Any, str]] = {
        "taken": units.TAKEN,
        "measured": units.MEASURED,
        "pack": units.PACKS,
        "time": units.TIMES,
        "moment": times.MOMENTS,
        "meal": times.MEALS,
        "day": times.DAYS,
        "form": forms.FORMS,
        "route": forms.ROUTES,
        "site": forms.SITES,
    }
    for category, table in tables.items():
        for value, written in table.items():
            for phrase in written.split("|"):
                yield Entry(tuple(parts(phrase)), category, value)
    for word, value in forms.SLOW.items():
        yield Entry((word,), "slow", value)
    for word in numbers.WORDS:
        yield Entry((word,), "spelled", word)
    for word, share in numbers.FRACTIONS.items():
        yield Entry((word,), "share", share)


def _index() -> dict[str, tuple[Entry, ...]]:
    by_head: dict[str, list[Entry]] = defaultdict(list)
    for entry in _entries():
        by_head[entry.words[0]].append(entry)
    return {head: tuple(sorted(entries, key=lambda e: -len(e.words))) for head, entries in by_head.items()}


INDEX = _index()
NO_ENTRY: Mapping[str, Lexeme] = MappingProxyType({})
SINGLE: dict[str, dict[str, Lexeme]] = {}
"""By a word, what it means alone in each category."""
LONGER: dict[tuple[str, str], list[tuple[list[str], str, Lexeme]]] = {}
"""By its first two words, each longer entry: its words, its category, its meaning; the longest first."""
for _head, _known in INDEX.items():
    for _entry in _known:
        _lexeme = Lexeme(_entry.value, len(_entry.words))
        if _lexeme.length == 1:
            SINGLE.setdefault(_head, {}).setdefault(_entry.category, _lexeme)
        else:
            LONGER.setdefault((_head, _entry.words[1]), []).append((list(_entry.words), _entry.category, _lexeme))
WORDS = frozenset(word for entries in INDEX.values() for entry in entries for word in entry.words) | vocabulary.ALL
MENDABLE = tuple(sorted(word for word in WORDS if len(word) >= 5))
DOUBLED = re.compile(r"(.)\1")
SHORT = ("jour", "soir", "fois", "midi", "matin")
"""Short words that are mended too, since nearly every line has one."""
FORM_UNITS = frozenset(
    phrase for written in units.TAKEN.values() for phrase in written.split("|") if " " not in phrase
) | {"cuillere", "cuill", "c"}


def entries(texts: Sequence[str]) -> list[Mapping[str, Lexeme]]:
    """At each of these words, category -> the longest entry that starts there."""
    found = [SINGLE.get(text, NO_ENTRY) for text in texts]
    for at, pair in enumerate(pairwise(texts)):
        if pair in LONGER:
            found[at] = {**found[at], **_longer(texts, at, LONGER[pair])}
    return found


def _longer(texts: Sequence[str], at: int, known: list[tuple[list[str], str, Lexeme]]) -> dict[str, Lexeme]:
    found: dict[str, Lexeme] = {}
    for words, category, lexeme in known:
        if category not in found and texts[at : at + lexeme.length] == words:
            found[category] = lexeme
    return found


def phrases(category: str) -> list[tuple[str, ...]]:
    """The words of each entry of this category."""
    return [entry.words for entries in INDEX.values() for entry in entries if entry.category == category]


def is_word(text: str) -> bool:
    return text in WORDS or text in vocabulary.OTHERS


def is_abbreviation(text: str) -> bool:
    return text in vocabulary.ABBREVIATIONS


def is_form_unit(text: str) -> bool:
    return text in FORM_UNITS


@lru_cache(maxsize=16384)
def split(text: str) -> tuple[str, ...]:
    """The known abbreviations that a run of letters is made of (`jpdt` is `j`, `pdt`), or nothing."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - 10), end):
            before, part = best[start], text[start:end]
            if (
                before is not None
                and part in vocabulary.GLUED
                and (best[end] is None or len(before) + 1 < len(best[end] or ()))
            ):
                best[end] = (*before, part)
    found = best[-1] or ()
    return found if 1 < len(found) <= 4 and sum(len(part) == 1 for part in found) <= 2 else ()


@lru_cache(maxsize=16384)
def repair(text: str) -> str:
    """The known word this one was meant to be, allowing one slip in five letters; empty when none is near enough."""
    for wrong, right in (("rn", "m"), ("ii", "n"), ("vv", "w"), ("cl", "d")):
        if wrong in text and is_word(text.replace(wrong, right)):
            return text.replace(wrong, right)
    if text[0] == "i" and is_word("l" + text[1:]):
        return "l" + text[1:]  # « Iundi »
    if len(text) < 5:
        return (
            next((word for word in SHORT if text[0] == word[0] and OSA.distance(text, word) == 1), "")
            if len(text) > 2
            else ""
        )
    slips = 1 if len(text) < 8 else 2
    near = process.extract(text, MENDABLE, scorer=OSA.distance, score_cutoff=slips, limit=3)
    same_start = [match for match in near if match[0][0] == text[0]]
    single = DOUBLED.sub(r"\1", text)
    if undoubled := [match for match in same_start if DOUBLED.sub(r"\1", match[0]) == single]:
        same_start = undoubled  # « goutes » is rather « gouttes » than « goûter »
    if not same_start or (len(same_start) > 1 and same_start[0][1] == same_start[1][1] and not _same(same_start)):
        return ""
    return str(same_start[0][0])


def _same(matches: Sequence[tuple[str, float, int]]) -> bool:
    """Singular and plural of one word are no doubt about it."""
    return len({match[0].rstrip("s") for match in matches}) == 1
