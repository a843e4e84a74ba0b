"""Our names for what other formats name their own way: always the same one for the same file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

LONGEST = 100


def key_of(name: str, fallback: str = "x") -> str:
    """``Âge-2`` is `Age_2`."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "_")).encode("ascii", "ignore").decode()
    key = re.sub(r"[^A-Za-z0-9_]+", "_", plain).strip("_")[: LONGEST - 10]
    if not key:
        return fallback
    return key if key[0].isalpha() else f"{fallback}_{key}"


def code_of(name: str, fallback: str = "x") -> str:
    """A code of a choice: ``Côte d'Ivoire`` is `Cote_d_Ivoire`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    code = re.sub(r"[^A-Za-z0-9_.-]+", "_", plain).strip("_")[:LONGEST]
    return code or fallback


class Keys:
    """Gives each name a key that nothing else has, whatever the case; a name that comes twice gets its parent's too."""

    def __init__(self, names: Iterable[str]) -> None:
        self.often: dict[str, int] = {}
        for name in names:
            plain = key_of(name).lower()
            self.often[plain] = self.often.get(plain, 0) + 1
        self.taken: set[str] = set()

    def give(self, name: str, parents: Sequence[str] = ()) -> str:
        key = key_of(name)
        if self.often.get(key.lower(), 0) > 1 and parents:
            key = key_of(f"{parents[-1]}_{name}")
        return self.free(key)

    def free(self, key: str) -> str:
        number, found = 1, key
        while found.lower() in self.taken:
            number += 1
            found = f"{key[: LONGEST - 6]}_{number}"
        self.taken.add(found.lower())
        return found
