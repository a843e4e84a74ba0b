"""PDF pages as images, worn or not, with the boxes where they then are."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import pypdfium2
from PIL import Image

from prescriptions.engine.scans.page import Box
from prescriptions.engine.synthetic.chance import chance_of
from prescriptions.engine.synthetic.rendering.boxes import Placed, place

DPI = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as an image, and the characters on it."""

    number: int
    image: Image.Image
    placed: tuple[Placed, ...]


def sizes(data: bytes) -> list[tuple[float, float]]:
    """Width and height of each page in points."""
    pdf = pypdfium2.PdfDocument(data)
    try:
        return [page.get_size() for page in pdf]
    finally:
        pdf.close()


def images(data: bytes, dpi: int = DPI) -> list[Image.Image]:
    """Each page, clean."""
    pdf = pypdfium2.PdfDocument(data)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in pdf]
    finally:
        pdf.close()


def shown(text: str, data: bytes, *, unprinted: str = "", dpi: int = DPI) -> list[Shown]:
    """The pages with the place of each character. Raises Misplaced."""
    placed = place(text, data, unprinted=unprinted)
    return [
        Shown(number, image, tuple(one for one in placed if one.page == number))
        for number, image in enumerate(images(data, dpi), 1)
    ]


def weathered(page: Shown, condition: str, *key: object) -> Shown:
    """The page after scan, fax, photo, stain, stamp, fold or skew; `key` draws how (seed, number of the document)."""
    from prescriptions.engine.synthetic.wear import worn

    made = worn(page.image, condition, chance_of(*key, "wear", page.number))
    moved = tuple(replace(one, box=inside(made.transform.box(one.box))) for one in page.placed)
    return Shown(page.number, made.image, moved)


def inside(box: Box) -> Box:
    """The part of a box that is on the page."""
    return Box(*(min(max(side, 0.0), 1.0) for side in sides(box)))


def sides(box: Box) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    return box.left, box.top, box.right, box.bottom


def encoded(image: Image.Image, *, clean: bool) -> tuple[str, bytes]:
    """(suffix, bytes): a page that a lens or a scanner gave is a JPEG, as theirs are; a clean one or a fax a PNG."""
    if clean or image.mode == "1":
        return "png", png(image)
    held = io.BytesIO()
    image.save(held, "JPEG", quality=85)
    return "jpg", held.getvalue()


def png(image: Image.Image) -> bytes:
    """The same image, the same bytes."""
    held = io.BytesIO()
    image.save(held, "PNG", optimize=False, compress_level=6)
    return held.getvalue()
