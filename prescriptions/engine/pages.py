"""What is kept of a scan beside its text: the pages, and the place of each word on them, as short JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prescriptions.engine.scans.page import Box, Page, Scan, Word

PLACES = 5
"""Decimals of a box: a tenth of a pixel of a page scanned at 600 dpi."""


def pack(scan: Scan) -> list[dict[str, Any]]:
    """One object a page; a word is `[start, end, left, top, right, bottom, confidence]`."""
    return [
        {
            "number": page.number,
            "width": round(page.width, 2),
            "height": round(page.height, 2),
            "source": page.source,
            "turned": round(page.turned, 3),
            "words": [_word(word) for word in page.words],
        }
        for page in scan.pages
    ]


def _word(word: Word) -> list[float]:
    box = (word.box.left, word.box.top, word.box.right, word.box.bottom)
    return [word.start, word.end, *(round(edge, PLACES) for edge in box), round(word.confidence, 3)]


def unpack(text: str, pages: Iterable[dict[str, Any]]) -> Scan:
    """The scan of which `pack` kept the pages."""
    return Scan(text, tuple(_page(each) for each in pages))


def _page(kept: dict[str, Any]) -> Page:
    words = tuple(Word(int(start), int(end), Box(*edges), sure) for start, end, *edges, sure in kept["words"])
    return Page(kept["number"], kept["width"], kept["height"], kept["source"], words, kept["turned"])
