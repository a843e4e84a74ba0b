"""Write an encrypted file: clear bytes in, chunks out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.files.engine import format as form

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]


class Sink(Protocol):
    def write(self, data: memoryview, /) -> int | None: ...


class Encrypter(io.RawIOBase):
    """A file object to write clear bytes to. Only `finish` makes the file whole; without it, it never opens."""

    def __init__(self, sink: Sink, key: bytes, file_id: bytes, *, bits: int = form.CHUNK_BITS) -> None:
        """`key` has 32 random bytes and is used for this file alone; `file_id` has 16 bytes. `sink` stays open."""
        if len(key) != form.KEY_BYTES or len(file_id) != 16:
            raise ValueError("an encrypted file has a key of 32 bytes and an id of 16")
        head = form.header(bits)
        self._sink, self._cipher, self._bound_to = sink, AESGCM(key), head + file_id
        self._clear = memoryview(bytearray(1 << bits))
        self._sealed = memoryview(bytearray((1 << bits) + form.TAG_BYTES))
        self._filled = self._number = 0
        self._finished = False
        self.size = 0
        """Clear bytes written so far."""
        sink.write(memoryview(head))

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, data: Buffer) -> int:
        """Take all of `data`. A full chunk is kept until it is known whether it is the last."""
        if self._finished:
            raise ValueError("this file is finished")
        rest = memoryview(data).cast("B")
        taken = len(rest)
        while rest:
            if self._filled == len(self._clear):
                self._flush_chunk(last=False)
            room = min(len(rest), len(self._clear) - self._filled)
            self._clear[self._filled : self._filled + room] = rest[:room]
            self._filled += room
            rest = rest[room:]
        self.size += taken
        return taken

    def finish(self) -> None:
        """Write the last chunk. Nothing may be written after it."""
        if not self._finished:
            self._flush_chunk(last=True)
            self._finished = True

    def _flush_chunk(self, *, last: bool) -> None:
        length = self._filled + form.TAG_BYTES
        nonce = form.nonce(self._number, last)
        self._cipher.encrypt_into(nonce, self._clear[: self._filled], self._bound_to, self._sealed[:length])
        self._sink.write(self._sealed[:length])
        self._filled = 0
        self._number += 1
