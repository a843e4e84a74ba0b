"""PDF files: the words of their text layer with their places, and their pages as pixels."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pypdfium2
import pypdfium2.raw as raw

from prescriptions.engine.scans.geometry import Pixels
from prescriptions.engine.scans.layout import Placed
from prescriptions.engine.scans.letters import is_nonsense, normalised
from prescriptions.engine.scans.page import Box
from prescriptions.engine.scans.refusing import Limits, Refused

FINE = 64
"""Parts of a point in which places are told."""
BACK = 0.01
"""Widths of the page by which a sign that stands before the last one begins another word."""
FEW = 20
"""Characters below which a text layer is none: a page number, the mark of a scanner."""
COVERS = 0.6
"""Share of the page from which a picture is the page itself, and the text over it another reader's guess."""
DPI = 300


@contextmanager
def opened(data: bytes, limits: Limits) -> Iterator[pypdfium2.PdfDocument]:
    """The document. Raises Refused."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused("encrypted" if "assword" in str(error) else "damaged") from error
    try:
        if len(document) > limits.pages:
            raise Refused("too_many_pages", pages=len(document), most=limits.pages)
        yield document
    finally:
        document.close()


def page_of(document: pypdfium2.PdfDocument, number: int, limits: Limits) -> pypdfium2.PdfPage:
    """Page `number`, from 1. Raises Refused."""
    if not 1 <= number <= len(document):
        raise Refused("no_page", page=number)
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise Refused("damaged", page=number) from error
    if not 0 < max(page.get_size()) <= limits.side or min(page.get_size()) <= 0:
        raise Refused("page_too_large", page=number)
    return page


def layer(page: pypdfium2.PdfPage) -> list[Placed]:
    """The words of the text layer; none where it has too few, or is no text, or lies over a picture of the page."""
    width, height = page.get_size()
    if _covered(page) >= COVERS:
        return []
    text = page.get_textpage()
    words: list[Placed] = []
    signs: list[str] = []
    boxes: list[Box] = []

    def close() -> None:
        if signs and (said := normalised("".join(signs))):
            words.append(Placed(said, _around(boxes)))
        signs.clear()
        boxes.clear()

    for at in range(text.count_chars()):
        sign = chr(raw.FPDFText_GetUnicode(text, at) or 0xFFFD)
        if sign.isspace() or sign in "\x02\ufffe\0":
            close()
            continue
        box = _upright(page, text.get_charbox(at, loose=True), width, height)
        if boxes and _apart(boxes[-1], box):
            close()
        signs.append(sign)
        boxes.append(box)
    close()
    whole = "".join(word.text for word in words)
    return words if len(whole) >= FEW and not is_nonsense(whole) else []


def _apart(last: Box, box: Box) -> bool:
    """Whether a sign is on another row than the one before it, or goes back."""
    return box.left < last.left - BACK or abs(_middle(box) - _middle(last)) > box.bottom - box.top


def _covered(page: pypdfium2.PdfPage) -> float:
    """The largest share of the page that one picture covers."""
    width, height = page.get_size()
    area = 0.0
    for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = one.get_bounds()
        wide = min(right, width) - max(left, 0.0)
        high = min(top, height) - max(bottom, 0.0)
        area = max(area, max(wide, 0) * max(high, 0))
    return float(area / (width * height))


def _upright(page: pypdfium2.PdfPage, bounds: tuple[float, float, float, float], width: float, height: float) -> Box:
    """A rectangle of the page's own space in fractions of the page as it is shown, turned as the file says."""
    left, bottom, right, top = bounds
    size = (round(width * FINE), round(height * FINE))
    points = []
    for x, y in ((left, bottom), (right, top)):
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        points.append((across.value / size[0], down.value / size[1]))
    (x0, y0), (x1, y1) = points
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _middle(box: Box) -> float:
    return (box.top + box.bottom) / 2


def _around(boxes: list[Box]) -> Box:
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def drawn(page: pypdfium2.PdfPage, limits: Limits, dpi: float = DPI) -> Pixels:
    """The page as pixels, as many as the limit allows."""
    width, height = page.get_size()
    scale = min(dpi / 72, (limits.pixels / (width * height)) ** 0.5)
    try:
        return np.asarray(page.render(scale=scale).to_pil().convert("RGB"))
    except pypdfium2.PdfiumError as error:
        raise Refused("damaged") from error
