"""Where each character of a known text stands on its page: the text layer of the PDF, matched with the text exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2

from prescriptions.engine.scans.page import Box, Page, Scan, Word

HYPHENS_AT_THE_END = ("\x02", "\ufffe")
"""What PDFium gives for a hyphen that ends a row."""


class Misplaced(Exception):
    """The page doesn't say what was to be printed."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The character at `offset` of the text, on a page (from 1), with its box in fractions of it."""

    offset: int
    page: int
    box: Box


def printed(pdf: pypdfium2.PdfDocument) -> Iterator[tuple[str, int, Box]]:
    """The characters of a PDF in order, blanks left out."""
    for number, page in enumerate(pdf, 1):
        width, height = page.get_size()
        text = page.get_textpage()
        for place in range(text.count_chars()):
            character = text.get_text_range(place, 1)
            if not character or character.isspace():
                continue
            left, bottom, right, top = text.get_charbox(place, loose=False)
            if right <= left:
                left, bottom, right, top = text.get_charbox(place, loose=True)
            box = Box(left / width, 1 - top / height, right / width, 1 - bottom / height)
            yield ("-" if character in HYPHENS_AT_THE_END else character), number, box


def place(text: str, data: bytes, *, unprinted: str = "") -> tuple[Placed, ...]:
    """The place of every character that is no blank. `unprinted` are signs that the page shows as lines of a table.

    Raises Misplaced where page and text differ: a truth that isn't certain is none.
    """
    pdf = pypdfium2.PdfDocument(data)
    try:
        found = printed(pdf)
        placed = []
        for offset, character in enumerate(text):
            if character.isspace() or character in unprinted:
                continue
            seen = next(found, None)
            if seen is None or seen[0] != character:
                raise Misplaced(f"at {offset} of {len(text)}: {character!r} expected, {seen and seen[0]!r} printed")
            placed.append(Placed(offset, seen[1], seen[2]))
        return tuple(placed)
    finally:
        pdf.close()


def around(boxes: list[Box]) -> Box:
    """The smallest rectangle that holds them all."""
    return Box(min(one.left for one in boxes), min(one.top for one in boxes), max(one.right for one in boxes),
        max(one.bottom for one in boxes))  # fmt: skip


def words(text: str, placed: tuple[Placed, ...]) -> tuple[tuple[int, Word], ...]:
    """(page, word) for each run of characters between blanks; one that is broken over two pages is two."""
    runs: list[list[Placed]] = []
    for one in placed:
        last = runs[-1][-1] if runs else None
        if last and last.offset == one.offset - 1 and last.page == one.page and one.box.top < last.box.bottom:
            runs[-1].append(one)
        else:
            runs.append([one])
    return tuple(
        (run[0].page, Word(run[0].offset, run[-1].offset + 1, around([one.box for one in run]))) for run in runs
    )


def scan(text: str, placed: tuple[Placed, ...], sizes: list[tuple[float, float]]) -> Scan:
    """The truth in the values that readers of scans give."""
    found = words(text, placed)
    pages = tuple(
        Page(number, *size, source="text", words=tuple(word for page, word in found if page == number))
        for number, size in enumerate(sizes, 1)
    )
    return Scan(f"{text}\n", pages)
