"""The text layer of a PDF with the place of each word, and its pages as images. Called in the sandbox only."""

from __future__ import annotations

import io
import json
import re
from typing import Any, BinaryIO

import pypdfium2

from core.files.engine import images
from core.files.unreadable import Unreadable
from prescriptions.engine.pages import pack
from prescriptions.engine.scans.page import Box, Page, Scan, Word

DPI = 150
MOST = 100
"""Pages of one file."""
LEAST = 12
"""Characters below which a file counts as having no text layer: a stamp or a page number is no prescription."""


def opened(source: BinaryIO) -> Any:
    """The PDF. Raises Unreadable."""
    data = source.read()
    if data[:5] != b"%PDF-":
        raise Unreadable("no_text")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise Unreadable("damaged") from None
    if len(document) > MOST:
        raise Unreadable("too_many_pages", most=MOST)
    return document


def read(source: BinaryIO, result: BinaryIO) -> None:
    """Write the text and the pages as JSON. Raises Unreadable: no_text where there is no text layer."""
    text, pages = "", []
    for number, page in enumerate(opened(source), 1):
        text, words = _words(page, text)
        width, height = page.get_size()
        pages.append(Page(number, width, height, "text", words))
    if len(text.strip()) < LEAST:
        raise Unreadable("no_text")
    result.write(json.dumps({"text": text, "pages": pack(Scan(text, tuple(pages)))}).encode())


def _words(page: Any, before: str) -> tuple[str, tuple[Word, ...]]:
    """The text up to the end of the page, and its words; each row ends in a line feed."""
    width, height = page.get_size()
    layer = page.get_textpage()
    raw = layer.get_text_range()
    words = []
    for match in re.finditer(r"\S+", raw):
        boxes = [layer.get_charbox(place) for place in range(match.start(), match.end())]
        left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, top = max(box[2] for box in boxes), max(box[3] for box in boxes)
        start = len(before) + len(raw[: match.start()].replace("\r\n", "\n"))
        place = Box(left / width, 1 - top / height, right / width, 1 - bottom / height)
        words.append(Word(start, start + len(match.group()), place))
    return before + raw.replace("\r\n", "\n").replace("\r", "\n") + "\n", tuple(words)


def image(source: BinaryIO, result: BinaryIO, page: int) -> None:
    """Write a page (from 1) as PNG; a picture is made anew from its pixels. Raises Unreadable."""
    head = source.read(5)
    source.seek(0)
    if head != b"%PDF-":
        images.reencode(source, result)
        return
    document = opened(source)
    if not 1 <= page <= len(document):
        raise Unreadable("no_text")
    drawn = io.BytesIO()
    document[page - 1].render(scale=DPI / 72).to_pil().save(drawn, "PNG")
    result.write(drawn.getvalue())
