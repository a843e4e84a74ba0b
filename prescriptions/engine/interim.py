"""Interim: the text layer of PDF files, and pages as images."""

from __future__ import annotations

import io
import json
from typing import Any, BinaryIO

from core.files.unreadable import Unreadable
from prescriptions.engine.pages import pack
from prescriptions.engine.scans.page import Box, Page, Scan, Word


def opened(source: BinaryIO) -> Any:
    import pypdfium2

    data = source.read()
    if data[:5] == b"%PDF-":
        return pypdfium2.PdfDocument(data)
    raise Unreadable("no_text")


def read(source: BinaryIO, result: BinaryIO) -> None:
    import re

    document = opened(source)
    text, pages = "", []
    for number, page in enumerate(document, 1):
        width, height = page.get_size()
        layer = page.get_textpage()
        written = layer.get_text_range().replace("\r\n", "\n").replace("\r", "\n")
        raw = layer.get_text_range()
        words = []
        for match in re.finditer(r"\S+", raw):
            boxes = [layer.get_charbox(n) for n in range(match.start(), match.end())]
            left, bottom = min(b[0] for b in boxes), min(b[1] for b in boxes)
            right, top = max(b[2] for b in boxes), max(b[3] for b in boxes)
            at = len(text) + len(raw[: match.start()].replace("\r\n", "\n"))
            box = Box(left / width, 1 - top / height, right / width, 1 - bottom / height)
            words.append(Word(at, at + len(match.group()), box))
        text += written + "\n"
        pages.append(Page(number, width, height, "text", tuple(words)))
    if not text.strip():
        raise Unreadable("no_text")
    result.write(json.dumps({"text": text, "pages": pack(Scan(text, tuple(pages)))}).encode())


def image(source: BinaryIO, result: BinaryIO, page: int) -> None:
    document = opened(source)
    if not 1 <= page <= len(document):
        raise Unreadable("no_text")
    made = io.BytesIO()
    document[page - 1].render(scale=150 / 72).to_pil().save(made, "PNG", optimize=False)
    result.write(made.getvalue())
