"""A prescriber's habits: the same things are mostly said in the same way by one hand."""

from __future__ import annotations

import random

from prescriptions.engine.synthetic.saying.phrases import PHRASES, UNITS

FAITHFUL = 0.75
"""How often a habit is kept to."""


class Habits:
    """What one prescriber writes; `rules` collects the ids of what was used."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.rules: set[str] = set()
        self._favourites: dict[str, int] = {}
        self.in_words = chance.random() < 0.08
        """Numbers in letters rather than digits."""

    def pick(self, key: str, phrases: tuple[str, ...] | None = None) -> tuple[str, str]:
        """(phrase, id of its rule): `often.day.3`."""
        choices = phrases if phrases is not None else PHRASES[key]
        favourite = self._favourites.setdefault(key, self._draw(len(choices)))
        place = favourite if self.chance.random() < FAITHFUL and favourite < len(choices) else self._draw(len(choices))
        rule = f"{key}.{place}"
        self.rules.add(rule)
        return choices[place], rule

    def prefer(self, favourites: dict[str, int]) -> None:
        """Mostly use these rules."""
        self._favourites.update(favourites)

    def _draw(self, count: int) -> int:
        return self.chance.choices(range(count), [1 / (place + 1.5) for place in range(count)])[0]

    def unit(self, name: str, count: float) -> str:
        """The unit as this hand writes it."""
        written, _ = self.pick(f"unit.{name}", UNITS.get(name, (name,)))
        many = "s" if count >= 2 else ""
        return written.replace("*", "" if many and written.endswith(("s", "x")) else many)
