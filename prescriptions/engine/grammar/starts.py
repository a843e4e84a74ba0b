"""What readings begin with, so that a parser which can read nothing at a place is never tried there.

Each combinator derives from its parts the first two words of what it may read, and the words without which it reads
nothing in any text. A choice then looks up, by the two words at hand, the few parsers that are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

Words = frozenset[str] | None
"""Words that may stand at a place, # for any number; None for whatever there is."""
NO_WORD: frozenset[str] = frozenset()
OTHER = " "
"""Stands for every word that no rule looks for."""
MOST_PAIRS = 10_000
"""Pairs of words that a choice remembers the answer for."""

KNOWN: set[str] = set()
"""The words that some rule looks for, gathered while the rules are written."""
_needed: dict[frozenset[str], int] = {}
_found_by: dict[str, int] = {}


class Start(NamedTuple):
    """`heads`: the first words of readings; `seconds`: the second ones, of readings of two words or more.

    `single`: a reading may be one word; `empty`: it may be none.
    """

    heads: Words
    seconds: Words = None
    single: bool = True
    empty: bool = False

    def allows(self, pair: tuple[str, str]) -> bool:
        """Whether something may be read, or nothing be needed, where these two words stand."""
        if self.empty or self.heads is None:
            return True
        return pair[0] in self.heads and (self.single or self.seconds is None or pair[1] in self.seconds)


NOTHING = Start(NO_WORD, NO_WORD, single=False, empty=True)
"""Of what takes no word: an end, or a look at what stands around."""


def union(*sets: Words) -> Words:
    """All of these words."""
    found: frozenset[str] = NO_WORD
    for words in sets:
        if words is None:
            return None
        found |= words
    return found


def heads_of(words: Iterable[str]) -> frozenset[str]:
    """What stands for these words where tokens are looked at."""
    return frozenset("#" if word.isdigit() else word for word in words)


def either(starts: Iterable[Start]) -> Start:
    """Of one of several."""
    heads, seconds, single, empty = zip(*starts, strict=True)
    return Start(union(*heads), union(*seconds), any(single), any(empty))


def both(first: Start, rest: Start) -> Start:
    """Of one and then the other."""
    return Start(
        union(first.heads, rest.heads) if first.empty else first.heads,
        union(
            first.seconds, rest.heads if first.single else NO_WORD, rest.seconds if first.empty else NO_WORD
        ),
        (first.single and rest.empty) or (first.empty and rest.single),
        first.empty and rest.empty,
    )  # fmt: skip


def sequence(starts: Sequence[Start]) -> Start:
    """Of all, one after the other."""
    return reduce(lambda rest, first: both(first, rest), reversed(starts), NOTHING)


# the words without which nothing is read ------------------------------------------------------------------------------


def need(words: Words) -> int:
    """The mark of one of these words being needed somewhere in a text."""
    if not words:
        return 0
    if words not in _needed:
        mark = _needed[words] = 1 << len(_needed)
        for word in words:
            _found_by[word] = _found_by.get(word, 0) | mark
    return _needed[words]


def missing(words: Iterable[str]) -> int:
    """The marks of all needs that a text of these words doesn't meet."""
    met = 0
    for word in words:
        met |= _found_by.get(word, 0)
    return ((1 << len(_needed)) - 1) & ~met


def pairs(heads: Sequence[str]) -> list[tuple[str, str]]:
    """Each of these words with the next one, as choices look them up."""
    known = [word if word in KNOWN else OTHER for word in heads]
    return list(zip(known, [*known[1:], ""], strict=True))
