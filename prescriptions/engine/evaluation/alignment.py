"""Which medication that was read is which one that is expected: in order, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rapidfuzz.distance import OSA

from prescriptions.engine.evaluation.meaning import words

Json = dict[str, Any]
LIKE = 0.6
"""Names less like each other are two medicines."""

Pair = tuple[Json | None, int | None]
"""(what is expected, the place of what was read): None where one of them is missing."""


def align(expected: Sequence[Json], got: Sequence[Json]) -> list[Pair]:
    """The pairing, in order, with the most likeness of names."""
    rows, columns = len(expected), len(got)
    likeness = [[_likeness(one, other) for other in got] for one in expected]
    best = [[0.0] * (columns + 1) for _row in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            paired = likeness[row][column]
            best[row][column] = max(
                best[row + 1][column],
                best[row][column + 1],
                paired + best[row + 1][column + 1] if paired >= LIKE else 0.0,
            )
    pairs: list[Pair] = []
    row = column = 0
    while row < rows and column < columns:
        paired = likeness[row][column]
        if paired >= LIKE and best[row][column] == paired + best[row + 1][column + 1]:
            pairs.append((expected[row], column))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            pairs.append((expected[row], None))
            row += 1
        else:
            pairs.append((None, column))
            column += 1
    pairs += [(one, None) for one in expected[row:]]
    return pairs + [(None, place) for place in range(column, columns)]


def _likeness(one: Json, other: Json) -> float:
    return OSA.normalized_similarity(words(one.get("name")), words(other.get("name")))
