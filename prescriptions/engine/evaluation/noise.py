"""Texts as hurried hands and bad scans make them: the same cases, altered letter by letter at a chosen rate."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from random import Random

from prescriptions.engine.evaluation.case import Case

MISREAD = {"0": "O", "1": "l", "l": "1", "O": "0", "5": "S", "8": "B", "m": "rn", "µ": "u", "e": "c", "i": "l",
           "é": "e", "è": "e", "à": "a"}  # fmt: skip
"""What is taken for what: digits for letters, accents lost."""
LEVELS = (0.0, 0.01, 0.03)
"""Shares of letters altered."""


def altered(text: str, rate: float, chance: Random) -> str:
    """The text with about `rate` of its letters misread, left out, doubled or changed places; digits are misread only.

    A digit is never replaced by another digit: no reader could tell, and no person either.
    """
    out: list[str] = []
    place = 0
    while place < len(text):
        letter = text[place]
        if letter.isspace() or chance.random() >= rate:
            out.append(letter)
        elif letter.isdigit() or letter in ",./-":
            out.append(MISREAD.get(letter, letter))
        else:
            out.append(_hurried(text, place, chance))
            if len(out[-1]) == 2 and out[-1][1] == letter and out[-1][0] == text[place + 1 : place + 2]:
                place += 1
        place += 1
    return "".join(out)


def _hurried(text: str, place: int, chance: Random) -> str:
    letter, following = text[place], text[place + 1 : place + 2]
    act = chance.choice(("misread", "misread", "leave", "double", "swap", "bare"))
    if act == "leave":
        return ""
    if act == "double":
        return letter * 2
    if act == "swap" and following.isalpha() and following != letter:
        return following + letter
    if act == "bare":
        return unicodedata.normalize("NFKD", letter)[0]
    return MISREAD.get(letter, letter)


def levels(cases: tuple[Case, ...], seed: int, rates: tuple[float, ...] = LEVELS) -> tuple[Case, ...]:
    """Every case at every rate; `noise` names it. The same seed gives the same texts. Spans hold only unaltered."""
    found = []
    for rate in rates:
        for case in cases:
            chance = Random(f"{seed} {rate} {case.id}")  # noqa: S311 - misprints, no secrets
            name = f"{rate:.0%}"
            text = altered(case.text, rate, chance) if rate else case.text
            spans = case.spans if text == case.text else ()
            found.append(replace(case, id=f"{case.id} {name}", text=text, noise=name, spans=spans))
    return tuple(found)
