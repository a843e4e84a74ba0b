"""Pages that lie on their side or stand on their head."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from prescriptions.engine.scans.geometry import Matrix, Pixels, size_of
from prescriptions.engine.scans.preparing import Prepared
from prescriptions.engine.scans.voices.heard import Line

STANDING = 1.5
"""Heights to lengths from which a line runs from top to bottom."""
READABLE = 0.8
"""Confidence from which a page stands upright: on its head it reads as nonsense."""
QUARTERS: dict[int, Callable[[int, int], Matrix]] = {
    90: lambda width, height: np.array([[0.0, 1, 0], [-1, 0, width], [0, 0, 1]]),
    180: lambda width, height: np.array([[-1.0, 0, width], [0, -1, height], [0, 0, 1]]),
    270: lambda width, height: np.array([[0.0, -1, height], [1, 0, 0], [0, 0, 1]]),
}
"""Degrees counter-clockwise -> the map of points, of a page so wide and so high."""


def upright(page: Prepared, hear: Callable[[Pixels], list[Line]]) -> tuple[int, list[Line], Prepared]:
    """(degrees turned, the lines then read, the page as it was read): the way in which most can be read."""
    lines = hear(page.pixels)
    if _worth(lines) and _confidence(lines) >= READABLE and not _stands(lines):
        return 0, lines, page
    best = (0, lines, page)
    for degrees in (90, 270) if _stands(lines) else (180, 90, 270):
        turned = Prepared(
            np.ascontiguousarray(np.rot90(page.pixels, degrees // 90)),
            QUARTERS[degrees](*size_of(page.pixels)) @ page.matrix,
            page.bad,
        )
        found = hear(turned.pixels)
        if _worth(found) > 1.1 * _worth(best[1]):
            best = (degrees, found, turned)
        if _confidence(best[1]) >= READABLE and not _stands(best[1]) and best[0]:
            break
    return best


def _worth(lines: Sequence[Line]) -> float:
    """Letters that were read, each as much as it is sure; those of lines that stand count little."""
    return sum(line.letters * max(line.confidence - 0.5, 0) * (0.2 if _is_standing(line) else 1) for line in lines)


def _confidence(lines: Sequence[Line]) -> float:
    letters = sum(line.letters for line in lines)
    return sum(line.confidence * line.letters for line in lines) / letters if letters else 0.0


def _is_standing(line: Line) -> bool:
    length, height = line.size
    return height > STANDING * length


def _stands(lines: Sequence[Line]) -> bool:
    """Most lines run from top to bottom."""
    return sum(_is_standing(line) for line in lines) > len(lines) / 2
