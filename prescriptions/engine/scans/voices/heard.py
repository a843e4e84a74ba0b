"""What a reader of images says of a page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prescriptions.engine.scans.letters import is_mended, normalised


@dataclass(frozen=True, slots=True)
class Said:
    """A word: its rectangle in pixels (left, top, right, bottom), and from 0 to 1 how sure it is."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float


MENDED = 0.6
"""Confidence that is left to a word whose unit can't be what was read."""


def said(text: str, box: tuple[float, float, float, float], confidence: float) -> Said | None:
    """A word in the characters of ordonnances; None for one without any."""
    found = normalised(text).strip()
    if not found:
        return None
    return Said(found, *box, min(confidence, MENDED) if is_mended(text) else confidence)


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand beside each other; `corners` go round the line from its upper left, in pixels."""

    corners: NDArray[np.float64]
    words: tuple[Said, ...]

    @property
    def tilt(self) -> float:
        """Degrees by which it rises to the right."""
        (x0, y0), (x1, y1) = self.corners[0], self.corners[1]
        return float(np.degrees(np.arctan2(y0 - y1, x1 - x0)))

    @property
    def size(self) -> tuple[float, float]:
        """Its length along what is written, and its height."""
        return (
            float(np.linalg.norm(self.corners[1] - self.corners[0])),
            float(np.linalg.norm(self.corners[3] - self.corners[0])),
        )

    @property
    def letters(self) -> int:
        return sum(len(word.text) for word in self.words)

    @property
    def confidence(self) -> float:
        """That of its letters on average."""
        return sum(word.confidence * len(word.text) for word in self.words) / max(self.letters, 1)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies within the band of the line."""
        left, right = self.corners[0], self.corners[1]
        share = (x - left[0]) / max(right[0] - left[0], 1e-9)
        top = left[1] + share * (right[1] - left[1])
        below = self.corners[3][1] + share * (self.corners[2][1] - self.corners[3][1])
        return bool(-0.02 <= share <= 1.02 and top <= y <= below)
