"""Reading a text as it was typed: plain characters to work on, and the way back to the original ones."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

PLAIN = {
    "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss",
    "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "«": '"', "»": '"', "“": '"', "”": '"',
    "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "×": "x", "✕": "x",
    "μ": "µ", "µ": "µ", "⁄": "/", "\t": " ", "\r": " ", "≥": ">", "≤": "<", "→": ">",
    "™": "", "®": "", "©": "", "\u00ad": "", "\u200b": "", "\ufeff": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """The original text, its plain form, and for each plain character the place it came from."""

    original: str
    plain: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of a span of plain characters."""
        if start >= end:
            return self.places[start], self.places[start]
        return self.places[start], max(self.places[end], self.places[end - 1] + 1)

    def slice(self, start: int, end: int) -> str:
        """The original characters behind a span of plain ones."""
        first, last = self.span(start, end)
        return self.original[first:last]


def read(original: str) -> Reading:
    """Lower case, no accents, one kind of dash, quote and µ; fractions written out. Every character keeps its place."""
    plain: list[str] = []
    places: list[int] = []
    for place, character in enumerate(original):
        form = _plain(character)
        if len(form) > 1 and form[0].isdigit() and plain and plain[-1].isdigit():
            form = " " + form  # 1½ is one and a half, not 11/2
        plain.extend(form)
        places.extend([place] * len(form))
    places.append(len(original))
    return Reading(original, "".join(plain), tuple(places))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if character in PLAIN:
        return PLAIN[character]
    if character != "\n" and character.isspace():
        return " "
    kept = (c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    return "".join(PLAIN.get(c, c) for c in kept).lower()


def plain(text: str) -> str:
    """A term as it is compared: no accents, no case, single spaces."""
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    return " ".join(read(text).plain.split())
