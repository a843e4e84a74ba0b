"""Two voices made one, line by line. A digit on which they differ stays doubtful, whoever is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from prescriptions.engine.scans.voices.heard import Line, Said

Known = Callable[[str], bool]
UNSURE, SURE = 0.7, 0.85
"""Below the one the first voice may be wrong, above the other the second may be right."""
DIGITS_DIFFER, LETTERS_DIFFER = 0.45, 0.7
"""What is left of confidence where the voices differ."""
AGREED = 0.97
MICRO = "µ"
LEAST = 0.6
"""Confidence of the second voice from which a word that the first didn't see is taken."""


def voted(lines: Sequence[Line], second: Sequence[Said], known: Known) -> Iterator[Sequence[Said]]:
    """The first voice's lines, each checked by what the second says there, and the words that it missed."""
    left = list(second)
    for line in lines:
        there = [word for word in left if line.holds((word.left + word.right) / 2, (word.top + word.bottom) / 2)]
        left = [word for word in left if word not in there]
        there.sort(key=lambda word: word.left)
        yield tuple(_agreed(line, there, known))
    for word in left:
        if word.confidence >= LEAST and sum(sign.isalnum() for sign in word.text) > 1 and not _covered(word, lines):
            yield (replace(word, confidence=min(word.confidence, LETTERS_DIFFER)),)


def _covered(word: Said, lines: Sequence[Line]) -> bool:
    return any(line.holds(x, (word.top + word.bottom) / 2) for line in lines for x in (word.left, word.right))


def _agreed(line: Line, there: Sequence[Said], known: Known) -> Iterator[Said]:
    """Each word of a line with a confidence that both voices give; split where the second sees a space."""
    if not there:
        yield from line.words
        return
    mine = "".join(word.text for word in line.words)
    theirs = "".join(word.text for word in there)
    ends = _ends(there)
    sure = [word.confidence for word in there for _sign in word.text]
    matcher = SequenceMatcher(None, mine.lower(), theirs.lower(), autojunk=False)
    same = [False] * len(mine)
    spaces: set[int] = set()
    for start, other, length in matcher.get_matching_blocks():
        for step in range(length):
            same[start + step] = True
            if other + step + 1 in ends:
                spaces.add(start + step + 1)
    blocks = matcher.get_opcodes()
    at = 0
    for word in line.words:
        end = at + len(word.text)
        if all(same[at:end]):
            yield from _split(replace(word, confidence=max(word.confidence, AGREED)), at, spaces)
        else:
            yield _doubted(word, _other(blocks, at, end, theirs, sure), known)
        at = end


def _ends(words: Sequence[Said]) -> set[int]:
    ends, at = set(), 0
    for word in words[:-1]:
        at += len(word.text)
        ends.add(at)
    return ends


def _other(
    blocks: Sequence[tuple[str, int, int, int, int]], start: int, end: int, theirs: str, sure: Sequence[float]
) -> tuple[str, float]:
    """What the second voice has for [start, end), and how sure it is of it."""
    first, last = None, 0
    for _kind, a, b, c, d in blocks:
        if b <= start or a >= end:
            continue
        lag = d - c == b - a
        low = c + max(0, start - a) if lag else c
        high = d - max(0, b - end) if lag else d
        first = low if first is None else first
        last = max(last, high)
    text = theirs[first or 0 : last]
    values = sure[first or 0 : last]
    return text, min(values, default=0.0)


def _doubted(word: Said, other: tuple[str, float], known: Known) -> Said:
    text, sure = other
    digits = [sign for sign in word.text if sign.isdigit()] != [sign for sign in text if sign.isdigit()]
    most = DIGITS_DIFFER if digits else LETTERS_DIFFER
    trusts_first = MICRO in word.text or (known(word.text) and not digits)
    better = not trusts_first and sure >= SURE and (word.confidence < UNSURE or (known(text) and not known(word.text)))
    if trusts_first and not digits:
        return word
    if better and text and abs(len(text) - len(word.text)) <= max(1, len(word.text) // 3):
        return replace(word, text=text, confidence=min(sure, most))
    return replace(word, confidence=min(word.confidence, most))


def _split(word: Said, at: int, spaces: set[int]) -> Iterator[Said]:
    """The word in parts where the second voice has a space; each part is as wide as its letters."""
    cuts = [cut - at for cut in sorted(spaces) if at < cut < at + len(word.text)]
    wide = (word.right - word.left) / len(word.text)
    for first, last in zip([0, *cuts], [*cuts, len(word.text)], strict=True):
        yield replace(word, text=word.text[first:last], left=word.left + first * wide, right=word.left + last * wide)
