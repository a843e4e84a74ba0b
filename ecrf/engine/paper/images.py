"""Drawings and signatures that may stand on paper: small PNG files as a browser draws them, and no others."""

from __future__ import annotations

import struct

PNG = b"\x89PNG\r\n\x1a\n"
LARGEST = 2 << 20
WIDEST = 4000
"""Points on a side: what unfolds to more isn't opened."""


def drawable(content: bytes) -> str:
    """The kind of the image, or nothing where it isn't put on paper."""
    if len(content) > LARGEST or not content.startswith(PNG) or content[12:16] != b"IHDR" or len(content) < 33:
        return ""
    width, height = struct.unpack(">II", content[16:24])
    return "png" if 0 < width <= WIDEST and 0 < height <= WIDEST else ""
