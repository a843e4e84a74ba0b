"""Slips of hands and machines, on words whose meaning they leave: each piece of text keeps the value it says."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from prescriptions.engine.synthetic.saying.pieces import Piece, Said

Slip = Callable[[str, random.Random], str]
SAFE = frozenset({"timing", "bounds", "need", "asNeededFor"})
"""Values whose words may be misspelt: no amount is written in letters there that another letter would change."""


def upper(text: str, chance: random.Random) -> str:
    return text.upper().replace("MG", "mg").replace("\N{GREEK CAPITAL LETTER MU}G", "µg")


def bare(text: str, chance: random.Random) -> str:
    """Without accents."""
    kept = unicodedata.normalize("NFD", text.replace("œ", "oe"))
    return unicodedata.normalize("NFC", "".join(c for c in kept if unicodedata.category(c) != "Mn" or c == "̧"))


def misread(text: str, chance: random.Random) -> str:
    """What optical readers take for what: `1` for `l` alone before a word, `m` for `rn`."""
    if text.startswith("1 "):
        return f"l{text[1:]}"
    return text.replace("m", "rn", 1) if chance.random() < 0.5 and len(text) > 5 else text


def mistyped(text: str, chance: random.Random) -> str:
    """Two neighbouring letters in the wrong order, inside a long word of small letters."""
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) >= 7 and word.isalpha() and word.islower()]
    if not long:
        return text
    place = chance.choice(long)
    word = words[place]
    at = chance.randrange(2, len(word) - 2)
    words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


SLIPS: dict[str, tuple[Slip, float]] = {
    "noise.upper": (upper, 1.0),
    "noise.bare": (bare, 1.0),
    "noise.misread": (misread, 0.15),
    "noise.mistyped": (mistyped, 0.12),
}
"""Name -> the slip, and how many pieces of a text that has it are hit."""
SHARES = {"clean": 0.72, "noise.upper": 0.06, "noise.bare": 0.08, "noise.misread": 0.06, "noise.mistyped": 0.08}


def kind(chance: random.Random) -> str:
    """What happens to a document."""
    return chance.choices(list(SHARES), list(SHARES.values()))[0]


def slipped(said: Said, name: str, chance: random.Random) -> Said:
    """The words after the slips of this kind."""
    if name == "clean":
        return said
    slip, share = SLIPS[name]
    return tuple(_one(piece, slip, share, name, chance) for piece in said)


def _one(piece: Piece, slip: Slip, share: float, name: str, chance: random.Random) -> Piece:
    whole = share == 1.0
    field = piece.path.rsplit(".", 1)[-1]
    if not (whole or field in SAFE or (name == "noise.misread" and field == "dose")) or chance.random() >= share:
        return piece
    return replace(piece, text=slip(piece.text, chance))
