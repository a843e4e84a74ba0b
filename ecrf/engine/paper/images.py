"""Drawings and signatures that may stand on paper: small images as a browser draws them or a camera takes them."""

from __future__ import annotations

import struct

PNG = b"\x89PNG\r\n\x1a\n"
LARGEST = 2 << 20
WIDEST = 4000
"""Points on a side: what unfolds to more isn't opened."""


START = range(0xC0, 0xD0)
"""Marks in a JPEG behind which its size stands, with some exceptions."""
OTHERS = frozenset({0xC4, 0xC8, 0xCC})
MOST_PARTS = 200


def drawable(content: bytes) -> str:
    """The kind of the image, or nothing where it isn't put on paper."""
    if len(content) > LARGEST:
        return ""
    kind, (width, height) = ("png", png_size(content)) if content.startswith(PNG) else ("jpg", jpeg_size(content))
    return kind if 0 < width <= WIDEST and 0 < height <= WIDEST else ""


def png_size(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR" or len(content) < 33:
        return 0, 0
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def jpeg_size(content: bytes) -> tuple[int, int]:
    """Its size, or nothing where it is no JPEG or has none."""
    place = 2 if content.startswith(b"\xff\xd8\xff") else len(content)
    for _part in range(MOST_PARTS):
        part = content[place : place + 9]
        if len(part) < 9 or part[0] != 0xFF:
            break
        if part[1] in START and part[1] not in OTHERS:
            height, width = struct.unpack(">HH", part[5:9])
            return width, height
        place += 2 + int.from_bytes(part[2:4])
    return 0, 0
