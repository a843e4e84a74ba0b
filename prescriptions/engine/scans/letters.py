"""Characters made one: what readers of images and PDF fonts give for the same sign."""

from __future__ import annotations

import re
import unicodedata

SAME = str.maketrans({
    "μ": "µ", "’": "'", "‘": "'", "ʼ": "'", "′": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "−": "-",
    "﹣": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u00ad": "", "\ufeff": "", "\u200b": "",
    "，": ",", "。": ".",
})  # fmt: skip
"""Greek mu is the micro sign; dashes and spaces that look the same are the same."""
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
LIGATURES = {"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
MICRO = re.compile(r"(?<![^\W\d])(ug|uq|µq|pg|jpg)(?![^\W\d])")
"""`75ug`, `75 pg/h`: no other unit is written so; a picogram is never prescribed."""
FRENCH = frozenset("àâäçéèêëîïôöùûüÿœæµ½¼¾²³°º×±")
"""Letters and signs with marks that stay; readers taught on many languages give others."""


def normalised(text: str) -> str:
    """The same text in the characters that ordonnances are written in; composed (NFC)."""
    for wrong, right in LIGATURES.items():
        text = text.replace(wrong, right)
    text = unicodedata.normalize("NFC", text.translate(SAME).translate(FULL_WIDTH))
    return MICRO.sub("µg", text if text.isascii() else "".join(map(_french, text)))


def _french(sign: str) -> str:
    """A letter with a mark that French hasn't, without it: `ț` is a t."""
    if sign.isascii() or sign.lower() in FRENCH or not sign.isalpha():
        return sign
    bare = unicodedata.normalize("NFD", sign)[0]
    return bare if bare.isascii() else sign


def is_mended(text: str) -> bool:
    """Whether a unit in it was read as what it can't be."""
    return MICRO.search(text) is not None


def is_nonsense(text: str) -> bool:
    """More than a tenth of the signs are none that French is written in: a font without a map to characters."""
    signs = [sign for sign in text if not sign.isspace()]
    strange = sum(1 for sign in signs if unicodedata.category(sign) in ("Co", "Cn", "Cc") or sign == "\ufffd")
    return bool(signs) and strange > len(signs) / 10
