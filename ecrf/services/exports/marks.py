"""What an export handed out, so that the next one knows exactly what is new: by what was read, not by a clock.

A clock would miss what was being saved while the earlier export read and was committed after: such a record has no
mark, or an older one, and so is in the next export.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from uuid import UUID

KEY, SIGN = 16, 8


def sign(revision: int, version: int, pages: Iterable[str]) -> bytes:
    """8 bytes that change with whatever makes a record another one in an export: its revision, the form, its pages."""
    text = f"{revision}|{version}|{'|'.join(sorted(pages))}"
    return hashlib.blake2b(text.encode(), digest_size=SIGN).digest()


def pack(marks: Mapping[UUID, bytes]) -> bytes:
    return b"".join(key.bytes + mark for key, mark in marks.items())


def unpack(content: bytes | memoryview) -> dict[UUID, bytes]:
    held = bytes(content)
    size = KEY + SIGN
    return {UUID(bytes=held[at : at + KEY]): held[at + KEY : at + size] for at in range(0, len(held), size)}
