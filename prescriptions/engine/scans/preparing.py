"""What is done to a picture of a page before it is read: shadows and specks taken away, small print enlarged."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from prescriptions.engine.scans.geometry import SAME, Matrix, Pixels, resized, scaling, size_of

SPECK = 0.004
"""Dark spots of one to three dots, as a share of all dots, from which a page is speckled."""
SMALL = 3
"""Dots of a speck; the point of an i has more at 200 dpi."""
UNEVEN = 40
"""Grey levels by which the paper is darker in one place than in another."""
BLACK, WHITE, GREY = 10, 245, 0.001
"""Share of the dots between black and white below which a page has one bit a dot, as a fax."""
NARROW = 1400
"""Dots of a page's width below which print is too small to be read well."""
WIDE = 2600
"""Above which reading takes longer and is no better."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The picture to read, the map that brought the given one here, and whether it is a bad one."""

    pixels: Pixels
    matrix: Matrix
    bad: bool


def prepared(pixels: Pixels) -> Prepared:
    """The page as it is read best."""
    matrix = SAME
    width, height = size_of(pixels)
    bits = float(((pixels[..., 1] > BLACK) & (pixels[..., 1] < WHITE)).mean()) < GREY
    if width < NARROW or width > WIDE:
        size = (NARROW if width < NARROW else WIDE, 0)
        size = (size[0], round(height * size[0] / width))
        pixels, matrix = resized(pixels, size), scaling(size[0] / width, size[1] / height)
    grey: Pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)  # type: ignore[assignment]
    speckled = specks(grey) > SPECK if bits else False
    if bits:
        grey = softened(cleaned(grey) if speckled else grey)
        return Prepared(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), matrix, bad=True)  # type: ignore[arg-type]
    paper = background(grey)
    if int(np.percentile(paper, 95)) - int(np.percentile(paper, 5)) > UNEVEN:
        grey = (grey.astype(np.float32) * 245 / np.maximum(paper, 1)).clip(0, 255).astype(np.uint8)
        return Prepared(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), matrix, bad=False)  # type: ignore[arg-type]
    return Prepared(pixels, matrix, bad=False)


def background(grey: Pixels) -> Pixels:
    """How bright the paper is everywhere, without what is written on it."""
    small = cv2.resize(grey, (max(1, grey.shape[1] // 8), max(1, grey.shape[0] // 8)), interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 21)
    return cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]


def specks(grey: Pixels) -> float:
    """Dark spots of at most SMALL dots as a share of the dark ones, weighed by the page."""
    dark = (grey < 128).astype(np.uint8)
    _count, _labels, stats, _centres = cv2.connectedComponentsWithStats(dark, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return float((areas <= SMALL).sum()) / dark.size * 10


def cleaned(grey: Pixels) -> Pixels:
    """Without black and white spots of at most SMALL dots."""
    made = grey.copy()
    for dark in (True, False):
        mask = ((made < 128) if dark else (made >= 128)).astype(np.uint8)
        _count, labels, stats, _centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
        small = stats[:, cv2.CC_STAT_AREA] <= SMALL
        small[0] = False
        made[small[labels]] = 255 if dark else 0
    return made


def softened(grey: Pixels) -> Pixels:
    """Edges of one bit made grey: readers were taught on such."""
    return cv2.GaussianBlur(grey, (0, 0), 0.8)  # type: ignore[return-value]
