"""What was read from a file: its text, and for each word the place on the page that it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of its page, from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Word:
    """Characters [start, end) of the scan's text. `confidence` is the reader's own (1 for a text layer)."""

    start: int
    end: int
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """`width` and `height` in points of 1/72 inch; `source` is `text`, `rapidocr`, `tesseract` or `both`."""

    number: int
    width: float
    height: float
    source: str
    words: tuple[Word, ...]
    turned: float = 0.0
    """Degrees by which the image was turned to stand upright: boxes are those of the image as it was given."""


@dataclass(frozen=True, slots=True)
class Scan:
    """All pages of a file; `text` has their rows in order, with a line feed after each."""

    text: str
    pages: tuple[Page, ...]

    def boxes(self, start: int, end: int) -> Iterator[tuple[int, Box]]:
        """(number of the page, box) of each word of characters [start, end)."""
        for page in self.pages:
            for word in page.words:
                if word.start < end and start < word.end:
                    yield page.number, word.box
