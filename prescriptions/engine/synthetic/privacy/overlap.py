"""How near documents come to texts that were there before: shared runs of words, and the nearest neighbour."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

LONG, SHORT = 8, 3
"""Words of a run that is copied rather than common, and of one by which texts are compared."""
WORD = re.compile(r"[^\W_]+")

Run = tuple[str, ...]


def words(text: str) -> list[str]:
    """The words and numbers, without accents or case."""
    parted = unicodedata.normalize("NFKD", text.lower())
    return WORD.findall("".join(sign for sign in parted if not unicodedata.combining(sign)))


def runs(found: list[str], length: int) -> Iterator[Run]:
    """Every run of so many words."""
    return zip(*(found[at:] for at in range(length)), strict=False)


class Seeds:
    """Texts that a document could have been copied from."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._long: set[Run] = set()
        self._short: dict[Run, set[int]] = defaultdict(set)
        self._sizes: list[int] = []
        for number, text in enumerate(texts):
            found = words(text)
            self._long.update(runs(found, LONG))
            short = set(runs(found, SHORT))
            self._sizes.append(len(short))
            for run in short:
                self._short[run].add(number)

    def __len__(self) -> int:
        return len(self._sizes)

    def copied(self, found: list[str]) -> float:
        """The share of a text's runs of eight words that stand in some seed."""
        long = list(runs(found, LONG))
        return sum(run in self._long for run in long) / len(long) if long else 0.0

    def nearest(self, found: list[str]) -> float:
        """The Jaccard similarity, by runs of three words, with the seed that is nearest."""
        short = set(runs(found, SHORT))
        shared = Counter(number for run in short for number in self._short.get(run, ()))
        return max(
            (count / (len(short) + self._sizes[number] - count) for number, count in shared.items()), default=0.0
        )
