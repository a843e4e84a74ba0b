"""A whole file, page by page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from PIL import Image

from prescriptions.engine.scans import images, pdf
from prescriptions.engine.scans.geometry import Matrix, Pixels, moved, size_of
from prescriptions.engine.scans.layout import Placed, written
from prescriptions.engine.scans.page import Box, Page, Scan
from prescriptions.engine.scans.preparing import prepared
from prescriptions.engine.scans.refusing import Limits, Refused
from prescriptions.engine.scans.turning import upright
from prescriptions.engine.scans.voices import rapid, tesseract
from prescriptions.engine.scans.voices.heard import Line
from prescriptions.engine.scans.voting import Known, voted

Progress = Callable[[int, int], None]
"""Called with (pages read, pages in all)."""
USUAL = Limits()
PDF = b"%PDF-"
LONG = 5
"""Letters of a line that tells how the page lies."""
WEAK = 0.93
"""Confidence of a page's letters below which a second voice is asked."""


def _nothing(_word: str) -> bool:
    return False


def read_file(
    data: bytes, *, limits: Limits = USUAL, progress: Progress | None = None, known: Known = _nothing
) -> Scan:
    """The text of a PDF, PNG, JPEG, TIFF, WebP or HEIC file, told by its content; `known` says which words there are.

    Raises Refused.
    """
    if len(data) > limits.size:
        raise Refused("too_large", most=limits.size >> 20)
    text, pages = "", []
    for number, page in enumerate(_pages(data, limits, progress, known), 1):
        more, found = written(page.pieces, page.shown, page.tilt, len(text))
        text += more
        words = tuple(replace(word, box=page.given(word.box)) for word in found)
        pages.append(Page(number, *page.size, page.source, words, float(page.turned)))
    if not any(page.words for page in pages):
        raise Refused("no_text")
    return Scan(text, tuple(pages))


@dataclass(frozen=True, slots=True)
class Read:
    """A page: its words as it stands upright, and the way back to the page as it was given."""

    size: tuple[float, float]
    """In points, as given."""
    source: str
    pieces: Sequence[Sequence[Placed]]
    """Words that were found together, on one line."""
    turned: int = 0
    tilt: float = 0.0
    given: Callable[[Box], Box] = lambda box: box

    @property
    def shown(self) -> tuple[float, float]:
        """Its size when it stands upright."""
        return self.size if self.turned in (0, 180) else (self.size[1], self.size[0])


def _pages(data: bytes, limits: Limits, progress: Progress | None, known: Known) -> Iterator[Read]:
    if PDF in data[:1024]:
        with pdf.opened(data, limits) as document:
            for number in range(1, len(document) + 1):
                page = pdf.page_of(document, number, limits)
                words = pdf.layer(page)
                size = page.get_size()
                yield (
                    Read(size, "text", [(word,) for word in words])
                    if words
                    else _heard(pdf.drawn(page, limits), size, known)
                )
                if progress:
                    progress(number, len(document))
        return
    for number, pixels in enumerate(images.frames(data, limits), 1):
        yield _heard(pixels, images.points(pixels), known)
        if progress:
            progress(number, number)


def _heard(pixels: Pixels, size: tuple[float, float], known: Known) -> Read:
    """What stands on a picture: by the first voice alone where it is sure, else by both."""
    turned, lines, ready = upright(prepared(pixels), rapid.hear)
    letters = sum(line.letters for line in lines)
    weak = ready.bad or sum(line.confidence * line.letters for line in lines) < WEAK * letters
    second = tesseract.hear(ready.pixels) if weak else []
    said = voted(lines, second, known) if second else (line.words for line in lines)
    width, height = size_of(ready.pixels)
    pieces = [
        [
            Placed(word.text, Box(word.left / width, word.top / height, word.right / width, word.bottom / height),
                   word.confidence)
            for word in piece
        ]
        for piece in said
    ]  # fmt: skip
    back: Matrix = np.linalg.inv(ready.matrix).astype(np.float64)
    whole = size_of(pixels)
    return Read(
        size, "both" if second else "rapidocr", pieces, turned, _tilt(lines),
        given=lambda box: moved(box, back, (width, height), whole),
    )  # fmt: skip


def _tilt(lines: Sequence[Line]) -> float:
    """Degrees by which the rows rise to the right: those of lines long enough to tell."""
    return median(tilts) if (tilts := [line.tilt for line in lines if line.letters > LONG]) else 0.0


def page_image(data: bytes, number: int, *, width: int = 1240, limits: Limits = USUAL) -> bytes:
    """Page `number` (from 1) as PNG, `width` pixels wide at most. Raises Refused."""
    if len(data) > limits.size:
        raise Refused("too_large", most=limits.size >> 20)
    if PDF in data[:1024]:
        with pdf.opened(data, limits) as document:
            page = pdf.page_of(document, number, limits)
            pixels = pdf.drawn(page, limits, dpi=72 * width / page.get_size()[0])
    else:
        found = next((one for at, one in enumerate(images.frames(data, limits), 1) if at == number), None)
        if found is None:
            raise Refused("no_page", page=number)
        pixels = found
    image = Image.fromarray(pixels)
    if image.width > width:
        image = image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()
