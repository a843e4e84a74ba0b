"""Reading a text as it was typed: plain characters to work on, and the way back to the original ones."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

PLAIN = {
    "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss",
    "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "«": '"', "»": '"', "“": '"', "”": '"',
    "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "×": "x", "✕": "x",
    "μ": "µ", "µ": "µ", "Μ": "µ", "⁄": "/", "\t": " ", "\r": " ", "≥": ">", "≤": "<", "→": ">",
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
    forms = [FORMS[character] for character in original]
    whole = "".join(forms)
    if len(whole) == len(forms) and "" not in forms:  # as nearly always: one for one
        return Reading(original, whole, tuple(range(len(original) + 1)))
    plain: list[str] = []
    places: list[int] = []
    for place, form in enumerate(forms):
        if len(form) > 1 and form[0].isdigit() and plain and plain[-1].isdigit():
            form = " " + form  # 1½ is one and a half, not 11/2
        plain.extend(form)
        places.extend([place] * len(form))
    places.append(len(original))
    return Reading(original, "".join(plain), tuple(places))


class _Forms(dict[str, str]):
    """The plain form of each character, kept once it is known."""

    def __missing__(self, character: str) -> str:
        if len(self) >= MOST_FORMS:
            self.clear()
        form = self[character] = _plain(character)
        return form


MOST_FORMS = 4096
FORMS = _Forms()


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
