"""What an optical reader made of a text: characters, words, lines, digits and micro signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

NUMBERS = re.compile(r"\d+(?:[.,]\d+)?")
MICRO = re.compile(r"[µμ]\s?g\b")
SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Optical:
    """Counts of one page: errors and their base, so that pages add up."""

    characters: int
    character_errors: int
    words: int
    word_errors: int
    lines: int
    exact_lines: int
    digit_lines: int
    exact_digits: int
    micros: int
    micros_kept: int


def compare(text: str, read: str) -> Optical:
    """Edit distances of the page, and for each true line whether a line of the reading is it.

    Spaces are compared as one; lines are looked for in any order, as columns may be read either way.
    """
    wanted, got = _lines(text), _lines(read)
    flat, flat_read = " ".join(wanted), " ".join(got)
    exact, digits, digit_lines, kept, micros = 0, 0, 0, 0, 0
    left = list(got)
    for line in wanted:
        nearest = min(left, key=lambda one: Levenshtein.distance(line, one), default="")
        exact += nearest == line
        if numbers := NUMBERS.findall(line):
            digit_lines += 1
            digits += NUMBERS.findall(nearest) == numbers
        if here := len(MICRO.findall(line)):
            micros += here
            kept += min(here, len(MICRO.findall(nearest)))
        if nearest in left:
            left.remove(nearest)
    return Optical(
        characters=len(flat), character_errors=Levenshtein.distance(flat, flat_read),
        words=len(flat.split()), word_errors=Levenshtein.distance(flat.split(), flat_read.split()),
        lines=len(wanted), exact_lines=exact, digit_lines=digit_lines, exact_digits=digits,
        micros=micros, micros_kept=kept,
    )  # fmt: skip


def _lines(text: str) -> list[str]:
    return [line for one in text.replace("μ", "µ").splitlines() if (line := SPACES.sub(" ", one).strip())]
