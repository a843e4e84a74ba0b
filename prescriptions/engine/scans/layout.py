"""Words on a page to lines of text, in the order in which they are read.

Rows are read across the whole width: a table of medicines is far commoner on an ordonnance than two columns of text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from prescriptions.engine.scans.page import Box, Word

SAME_ROW = 0.5
"""Share of the lower word's height by which words of one row overlap."""
ABOVE = 0.5
"""Share of the narrower piece's width from which two pieces that overlap are on two rows, however close."""
WIDE = 1.5
"""Heights of a row: what lies farther apart are cells of a table, or two blocks side by side."""
APART = 1.7
"""Usual distances between rows: what lies farther below begins a new block."""
INDENT = (0.7, 12.0)
"""Heights of a row by which a line that goes on with the one above is moved to the right, least and most."""
CELLS = "   "


@dataclass(frozen=True, slots=True)
class Placed:
    """A word, its box in fractions of the page, and how sure its reading is."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that were found together on one line, however it rises or falls: its band is that of its middle."""

    words: Sequence[Placed]
    left: float
    right: float
    top: float
    bottom: float


@dataclass(slots=True)
class Row:
    pieces: list[Piece]
    top: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def left(self) -> float:
        return min(piece.left for piece in self.pieces)

    @property
    def words(self) -> list[Placed]:
        return sorted((word for piece in self.pieces for word in piece.words), key=lambda word: word.box.left)


def written(
    pieces: Iterable[Sequence[Placed]], size: tuple[float, float], tilt: float = 0.0, start: int = 0
) -> tuple[str, list[Word]]:
    """(text with a line feed after each row, its words with their places in it).

    `pieces` are words that were found together, alone or several on a line. `size` is that of the page in any unit,
    `tilt` the degrees by which its rows rise to the right, `start` where this text begins in that of the whole scan.
    """
    text: list[str] = []
    found: list[Word] = []
    at = start

    def put(piece: str) -> None:
        nonlocal at
        text.append(piece)
        at += len(piece)

    rows = list(_rows(pieces, size, tilt))
    pitch = _pitch(rows)
    for number, row in enumerate(rows):
        before = rows[number - 1] if number else None
        if before is not None and row.bottom - before.bottom > APART * pitch:
            put("\n")
        elif before is not None and _is_indented(row, before, rows, size):
            put("  ")
        words = row.words
        for place, word in enumerate(words):
            if place:
                put(_gap(words[place - 1], word, row, size))
            found.append(Word(at, at + len(word.text), word.box, word.confidence))
            put(word.text)
        put("\n")
    return "".join(text), found


def _rows(pieces: Iterable[Sequence[Placed]], size: tuple[float, float], tilt: float) -> Iterator[Row]:
    """Pieces that stand beside each other at one height, from top to bottom."""
    slope = math.tan(math.radians(tilt)) * size[0] / size[1]
    rows: list[Row] = []
    for piece in sorted(filter(None, (_piece(words, slope) for words in pieces)), key=lambda one: one.top):
        home = max(rows[-4:], key=lambda row: _shared(row, piece), default=None)
        if home is not None and _shared(home, piece) >= SAME_ROW:
            count = len(home.pieces)
            home.pieces.append(piece)
            home.top = (home.top * count + piece.top) / (count + 1)
            home.bottom = (home.bottom * count + piece.bottom) / (count + 1)
        else:
            rows.append(Row([piece], piece.top, piece.bottom))
    yield from sorted(rows, key=lambda row: row.top)


def _piece(words: Sequence[Placed], slope: float) -> Piece | None:
    """The words with the band in which they stand once the page's tilt is taken away."""
    boxes = [word.box for word in words if word.text.strip()]
    if not boxes:
        return None
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    middle = sum(box.top + box.bottom for box in boxes) / 2 / len(boxes) + (left + right) / 2 * slope
    half = median(box.bottom - box.top for box in boxes) / 2
    return Piece([word for word in words if word.text.strip()], left, right, middle - half, middle + half)


def _shared(row: Row, piece: Piece) -> float:
    """The share of the lower one's height in which both stand; none where one stands above the other."""
    for one in row.pieces:
        beside = min(one.right, piece.right) - max(one.left, piece.left)
        if beside > ABOVE * min(one.right - one.left, piece.right - piece.left):
            return 0.0
    both = min(row.bottom, piece.bottom) - max(row.top, piece.top)
    return both / max(min(row.height, piece.bottom - piece.top), 1e-9)


def _pitch(rows: Sequence[Row]) -> float:
    """The usual distance from a row to the next: that of the nearer half, since blocks stand apart."""
    steps = sorted(below.bottom - above.bottom for above, below in pairwise(rows))
    return median(steps[: len(steps) // 2 + 1]) if steps else 1.0


def _is_indented(row: Row, before: Row, rows: Sequence[Row], size: tuple[float, float]) -> bool:
    """Moved to the right of the page's left edge, and not where the row above began."""
    edge = min(one.left for one in rows)
    unit = row.height * size[1] / size[0]
    return INDENT[0] * unit < row.left - edge < INDENT[1] * unit and row.left - before.left > -INDENT[0] * unit / 2


def _gap(left: Placed, right: Placed, row: Row, size: tuple[float, float]) -> str:
    unit = row.height * size[1] / size[0]
    return CELLS if right.box.left - left.box.right > WIDE * unit else " "
