"""A prescriber's habits: the same things are mostly said in the same way by one hand."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from itertools import accumulate

from prescriptions.engine.synthetic.saying.numbers import digits, feminine, words
from prescriptions.engine.synthetic.saying.phrases import PHRASES, UNITS

FAITHFUL = 0.75
"""How often a habit is kept to."""
UNSPELLABLE = re.compile(r"\d|{u}|(?<![ (]){[nab]}(?<!^{[nab]})|{[nab]}(?![ ),]|$)|} h$")
"""Phrases in which a number can't stand in letters: those with digits of their own, short units, or a glued number."""


FULL = {"mg": "milligramme", "µg": "microgramme", "g": "gramme", "mL": "millilitre", "mg/kg": "milligramme par kilo",
        "UI": "unité"}  # fmt: skip


def plural(name: str, count: float) -> str:
    """`comprimés`, `cuillères à soupe`: the first word takes the mark, from two on."""
    head, space, rest = name.partition(" ")
    return f"{head}{'s' if count >= 2 and not head.endswith(('s', 'x')) else ''}{space}{rest}"


@lru_cache
def falling(count: int) -> tuple[float, ...]:
    """Sums of weights, the first phrase's the highest."""
    return tuple(accumulate(1 / (place + 1.5) for place in range(count)))


class Habits:
    """What one prescriber writes; `rules` collects the ids of what was used."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.rules: set[str] = set()
        self._favourites: dict[str, int] = {}
        self.in_words = chance.random() < 0.08
        """Doses in letters rather than digits."""
        self.spelled = False
        """Every number in letters, as the law wants of narcotics; set for a line at a time."""

    def pick(self, key: str, phrases: tuple[str, ...] | None = None) -> tuple[str, str]:
        """(phrase, id of its rule): `often.day.3`."""
        choices = phrases if phrases is not None else PHRASES[key]
        favourite = self._favourites.setdefault(key, self._draw(len(choices)))
        place = favourite if self.chance.random() < FAITHFUL and favourite < len(choices) else self._draw(len(choices))
        if self.spelled and UNSPELLABLE.search(choices[place]):
            able = [other for other, phrase in enumerate(choices) if not UNSPELLABLE.search(phrase)]
            place = self.chance.choice(able) if able else place
        rule = f"{key}.{place}"
        self.rules.add(rule)
        return choices[place], rule

    def number(self, value: float, noun: str = "") -> str:
        """In digits, or in letters where the line is spelled out: `une` before a feminine noun."""
        return feminine(words(value), noun) if self.spelled else digits(value)

    def _draw(self, count: int) -> int:
        return self.chance.choices(range(count), cum_weights=falling(count))[0]

    def unit(self, name: str, count: float) -> str:
        """The unit as this hand writes it."""
        if self.spelled:
            return plural(FULL.get(name, name), count)
        written, _ = self.pick(f"unit.{name}", UNITS.get(name, (name,)))
        many = "s" if count >= 2 else ""
        return written.replace("*", "" if many and written.endswith(("s", "x")) else many)
