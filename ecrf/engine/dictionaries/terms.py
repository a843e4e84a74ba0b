"""One term of a dictionary, and the way in which texts are held against terms."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOST_TERMS = 1_000_000
MOST_LABEL = 500
MOST_CODE = 60
NOT_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Term:
    """`path`: what it belongs to, the highest first, as (code, label). One that isn't `current` is no longer given."""

    code: str
    label: str
    path: tuple[tuple[str, str], ...] = ()
    synonyms: tuple[str, ...] = ()
    current: bool = True


def normalised(text: str) -> str:
    """Words without capitals, accents and signs: «Céphalée, sévère» is «cephalee severe»."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae"))
    letters = "".join(one for one in plain if not unicodedata.combining(one)).lower()
    return NOT_WORDS.sub(" ", letters).strip()
