"""What readings begin with, so that a parser which can read nothing at a place is never tried there.

Each combinator derives from its parts the first two words of whatever it may read, and the words without which it
reads nothing in any text. A choice then looks up, by the two words at hand, the few parsers that are left: of some
sixty rules about two are tried at a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, reduce
from typing import NamedTuple

Words = frozenset[str] | None
"""Words that may stand at a place, # for any number; None for whatever there is."""
NO_WORD: frozenset[str] = frozenset()
END = ""
"""Among the words that may follow: nothing more is read."""
OTHER = " "
"""Stands for every word that no rule looks for."""

KNOWN: set[str] = set()
"""The words that some rule looks for, gathered while the rules are written."""
_needed: dict[frozenset[str], int] = {}
_found_by: dict[str, int] = {}


class Start(NamedTuple):
    """By the first word of readings, the words that may come second; None for any first word.

    `empty`: a reading may be of no word.
    """

    follows: Mapping[str, Words] | None
    empty: bool = False

    @property
    def heads(self) -> Words:
        """The first words; None for any, and where there may be none."""
        return None if self.empty or self.follows is None else frozenset(self.follows)

    def allows(self, pair: tuple[str, str]) -> bool:
        """Whether something may be read, or nothing be needed, where these two words stand."""
        if self.empty or self.follows is None:
            return True
        second = self.follows.get(pair[0], NO_WORD)
        return second is None or pair[1] in second or END in second


ANYTHING = Start(None)
NOTHING = Start({}, empty=True)
"""Of what takes no word: a look at what stands around."""


def phrases(written: Iterable[Sequence[str]]) -> Start:
    """Of one of these phrases."""
    follows: dict[str, frozenset[str]] = {}
    for head, *rest in written:
        second = ("#" if rest[0].isdigit() else rest[0]) if rest else END
        follows[head] = follows.get(head, NO_WORD) | {second}
    return Start(follows)


def either(starts: Iterable[Start]) -> Start:
    """Of one of several."""
    follows: dict[str, Words] = {}
    empty = False
    for start in starts:
        empty = empty or start.empty
        if start.follows is None:
            return Start(None, empty)
        for head, seconds in start.follows.items():
            follows[head] = _one_or_other(follows[head], seconds) if head in follows else seconds
    return Start(follows, empty)


def both(first: Start, rest: Start) -> Start:
    """Of one and then the other."""
    if first.follows is None or (first.empty and rest.follows is None):
        return Start(None, first.empty and rest.empty)
    after: Words = None if rest.follows is None else frozenset(rest.follows) | ({END} if rest.empty else NO_WORD)
    follows = {head: _goes_on(seconds, after) for head, seconds in first.follows.items()}
    return either([Start(follows), rest]) if first.empty else Start(follows)


@cache
def _one_or_other(words: Words, others: Words) -> Words:
    """All of these words. Most rules begin alike: sets that are equal are one, here and below."""
    return None if words is None or others is None else words | others


@cache
def _goes_on(seconds: Words, after: Words) -> Words:
    """The second words where what ends after the first is followed by these."""
    if seconds is None or END not in seconds:
        return seconds
    return None if after is None else (seconds - {END}) | after


def sequence(starts: Sequence[Start]) -> Start:
    """Of all, one after the other."""
    return reduce(lambda rest, first: both(first, rest), reversed(starts), NOTHING)


def seen(start: Start) -> Start:
    """Of what only looks whether this stands here: any word may come after it."""
    if start.follows is None:
        return start
    ahead = {head: None if seconds and END in seconds else seconds for head, seconds in start.follows.items()}
    return Start(ahead, start.empty)


# the words without which nothing is read ------------------------------------------------------------------------------


def need(words: frozenset[str]) -> int:
    """The mark of one of these words being needed somewhere in a text."""
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


def know(start: Start) -> None:
    """Remember the words that this looks for."""
    for head, seconds in (start.follows or {}).items():
        KNOWN.add(head)
        KNOWN.update(seconds or ())


def pairs(heads: Sequence[str]) -> list[tuple[str, str]]:
    """Each of these words with the next one, as choices look them up."""
    known = [word if word in KNOWN else OTHER for word in heads]
    return list(zip(known, [*known[1:], END], strict=True))
