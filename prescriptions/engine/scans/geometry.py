"""Plane maps between images, as 3x3 matrices on points in pixels, (0, 0) being the upper left corner of the image.

A pixel covers [x, x + 1): OpenCV counts from its middle, hence the shift by one half when an image is drawn anew.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from prescriptions.engine.scans.page import Box

Matrix = NDArray[np.float64]
Pixels = NDArray[np.uint8]
"""Rows x columns, or rows x columns x 3 (RGB)."""
Size = tuple[int, int]
"""Width and height in pixels."""

SAME: Matrix = np.eye(3)
MIDDLE: Matrix = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])


def size_of(image: Pixels) -> Size:
    return image.shape[1], image.shape[0]


def scaling(across: float, down: float) -> Matrix:
    return np.diag([across, down, 1.0])


def turning(degrees: float, size: Size) -> tuple[Matrix, Size]:
    """Turn an image counter-clockwise; gives the map and the size that holds all of it."""
    width, height = size
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    wide = abs(width * cos) + abs(height * sin)
    high = abs(width * sin) + abs(height * cos)
    to_middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    back = np.array([[1, 0, wide / 2], [0, 1, high / 2], [0, 0, 1]])
    return back @ turn @ to_middle, (round(wide), round(high))


def warped(image: Pixels, matrix: Matrix, size: Size, fill: int | None = 255) -> Pixels:
    """The image drawn anew through `matrix`; what lies outside is `fill`, or the nearest pixel for None."""
    centred = np.linalg.inv(MIDDLE) @ matrix @ MIDDLE
    border = cv2.BORDER_REPLICATE if fill is None else cv2.BORDER_CONSTANT
    value = (fill or 0,) * 3
    return cv2.warpPerspective(image, centred, size, flags=cv2.INTER_LINEAR, borderMode=border, borderValue=value)  # type: ignore[return-value]


def resized(image: Pixels, size: Size) -> Pixels:
    """The image at another size: areas are averaged when it shrinks, cubic when it grows."""
    shrinks = size[0] < image.shape[1]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)  # type: ignore[return-value]


def moved(box: Box, matrix: Matrix, given: Size, to: Size) -> Box:
    """The rectangle around a box of an image of size `given` after `matrix` took it to one of size `to`."""
    across, down = given
    corners = np.array([[box.left, box.top], [box.right, box.top], [box.right, box.bottom], [box.left, box.bottom]])
    points = np.c_[corners * (across, down), np.ones(4)] @ matrix.T
    flat = points[:, :2] / points[:, 2:] / to
    left, top = flat.min(axis=0).clip(0, 1)
    right, bottom = flat.max(axis=0).clip(0, 1)
    return Box(float(left), float(top), float(right), float(bottom))
