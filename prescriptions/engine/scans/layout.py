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


@dataclass(slots=True)
class Row:
    words: list[Placed]
    top: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def left(self) -> float:
        return min(word.box.left for word in self.words)


def written(
    words: Iterable[Placed], size: tuple[float, float], tilt: float = 0.0, start: int = 0
) -> tuple[str, list[Word]]:
    """(text with a line feed after each row, its words with their places in it).

    `size` is that of the page in any unit, `tilt` the degrees by which its rows rise to the right, `start` where
    this text begins in that of the whole scan.
    """
    text: list[str] = []
    found: list[Word] = []
    at = start

    def put(piece: str) -> None:
        nonlocal at
        text.append(piece)
        at += len(piece)

    rows = list(_rows(words, size, tilt))
    pitch = _pitch(rows)
    for number, row in enumerate(rows):
        before = rows[number - 1] if number else None
        if before is not None and row.bottom - before.bottom > APART * pitch:
            put("\n")
        elif before is not None and _is_indented(row, before, rows, size):
            put("  ")
        for place, word in enumerate(row.words):
            if place:
                put(_gap(row.words[place - 1], word, row, size))
            found.append(Word(at, at + len(word.text), word.box, word.confidence))
            put(word.text)
        put("\n")
    return "".join(text), found


def _rows(words: Iterable[Placed], size: tuple[float, float], tilt: float) -> Iterator[Row]:
    """Words that stand at one height, from top to bottom; each row from left to right."""
    slope = math.tan(math.radians(tilt)) * size[0] / size[1]
    rows: list[Row] = []
    for word in sorted(words, key=lambda one: one.box.top + one.box.left * slope):
        if not word.text.strip():
            continue
        shift = (word.box.left + word.box.right) / 2 * slope
        top, bottom = word.box.top + shift, word.box.bottom + shift
        home = max(rows[-4:], key=lambda row: _overlap(row, top, bottom), default=None)
        if home is not None and _overlap(home, top, bottom) >= SAME_ROW:
            count = len(home.words)
            home.words.append(word)
            home.top, home.bottom = (home.top * count + top) / (count + 1), (home.bottom * count + bottom) / (count + 1)
        else:
            rows.append(Row([word], top, bottom))
    for row in sorted(rows, key=lambda row: row.top):
        row.words.sort(key=lambda word: word.box.left)
        yield row


def _overlap(row: Row, top: float, bottom: float) -> float:
    shared = min(row.bottom, bottom) - max(row.top, top)
    return shared / max(min(row.height, bottom - top), 1e-9)


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
