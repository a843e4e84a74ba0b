"""Seal a file for whoever has the link (SEALED.md)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from backup.engine.errors import BackupError, Damaged
from backup.engine.format import cipher
from backup.engine.sealing import layout


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class About:
    """What the head says of a file."""

    name: str
    size: int
    type: str = ""
    modified: int | None = None
    """Nanoseconds since 1970."""
    message: str = ""
    """What the sender says to who receives it."""


@dataclass(frozen=True, repr=False)
class Sealed:
    """A file as it will be sent: how large, and its blocks in their order."""

    fragment: str
    """What goes behind the # of the link: the key. Whoever has it reads the file."""
    size: int
    blocks: Iterator[bytes]


def seal(
    source: Readable, about: About, passphrase: str = "", *, random: Callable[[int], bytes] = os.urandom
) -> Sealed:
    """Seal what is read from `source` under a new key. The blocks raise Damaged where it isn't as long as was said."""
    head = cipher.pack(_head(about))
    if len(head) > layout.LONGEST_HEAD:
        raise BackupError("the name of the file is too long")
    secret, salt = random(layout.SECRET), random(layout.SALT)
    size = layout.padded(4 + len(head) + about.size)
    header = layout.read_header(layout.write_header(size, salt, protected=bool(passphrase)))
    aead = layout.cipher(secret, header, passphrase)

    def blocks() -> Iterator[bytes]:
        waiting = len(head).to_bytes(4, "little") + head
        left = about.size
        for number in range(header.blocks):
            start = header.raw if number == 0 else b""
            room = min(layout.BLOCK, size - number * layout.BLOCK) - len(start) - layout.TAG
            content = _exactly(source, min(room - len(waiting), left))
            left -= len(content)
            clear = (waiting + content).ljust(room, b"\0")
            waiting = b""
            yield start + aead.encrypt(layout.nonce(number, last=number == header.blocks - 1), clear, None)
        if source.read(1):
            raise _changed()

    return Sealed(layout.to_fragment(secret), size, blocks())


def _head(about: About) -> dict[str, Any]:
    optional = {"type": about.type or None, "modified": about.modified, "message": about.message or None}
    known = {name: value for name, value in optional.items() if value is not None}
    return {"name": about.name, "size": about.size, **known}


def _exactly(source: Readable, size: int) -> bytes:
    parts = []
    while size and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    if size:
        raise _changed()
    return b"".join(parts)


def _changed() -> Damaged:
    return Damaged(layout.NAME, "the file has changed since it was begun: send it anew")
