"""Read an encrypted file, from anywhere in it."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.files.engine import format as form
from core.files.engine.format import Damaged

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def readinto(self, buffer: memoryview, /) -> int | None: ...
    def seek(self, offset: int, whence: int = ..., /) -> int: ...
    def close(self) -> None: ...


class Decrypter(io.RawIOBase):
    """A seekable file object of clear bytes over the encrypted one; only chunks that are asked for are read.

    Not to be shared by threads. Closing it closes the encrypted file.
    """

    def __init__(self, source: Source, key: bytes, file_id: bytes, *, size: int | None = None) -> None:
        """`size` is how many clear bytes there must be, where that is known. Raises Damaged."""
        head = source.read(form.HEADER_BYTES)
        bits = form.bits_of(head)
        self._source, self._cipher, self._bound_to = source, AESGCM(key), head + file_id
        self.size = form.clear_size(source.seek(0, os.SEEK_END), bits)
        if size is not None and size != self.size:
            raise Damaged(f"The file has {self.size} bytes where {size} were stored.")
        self.chunk_bytes = 1 << bits
        self._last = form.chunks_in(self.size, bits) - 1
        self._position = 0
        self._held = -1
        self._chunk = memoryview(bytearray(min(self.chunk_bytes, self.size)))
        self._sealed = memoryview(bytearray(len(self._chunk) + form.TAG_BYTES))
        if not self.size:
            self._decrypt(0, memoryview(bytearray()))  # an empty file, too, must be the one that was stored

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("a file begins at 0")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer as far as the file goes; gives how many bytes. Raises Damaged."""
        target = memoryview(buffer).cast("B")
        done = 0
        while done < len(target) and self._position < self.size:
            number, offset = divmod(self._position, self.chunk_bytes)
            length = self._length(number)
            if number != self._held and not offset and len(target) - done >= length:
                self._decrypt(number, target[done : done + length])  # a whole chunk: without a copy
                step = length
            else:
                chunk = self._load(number)
                step = min(length - offset, len(target) - done)
                target[done : done + step] = chunk[offset : offset + step]
            done += step
            self._position += step
        return done

    def close(self) -> None:
        if not self.closed:
            self._source.close()
            self._chunk = self._sealed = memoryview(bytearray())
        super().close()

    def _length(self, number: int) -> int:
        """Clear bytes in this chunk."""
        return min(self.chunk_bytes, self.size - number * self.chunk_bytes)

    def _load(self, number: int) -> memoryview:
        if number != self._held:
            self._held = -1
            self._decrypt(number, self._chunk[: self._length(number)])
            self._held = number
        return self._chunk[: self._length(number)]

    def _read(self, target: memoryview) -> int:
        """Fill the buffer from the encrypted file, which may give less at a time than it is asked for."""
        done = 0
        while done < len(target) and (step := self._source.readinto(target[done:])):
            done += step
        return done

    def _decrypt(self, number: int, target: memoryview) -> None:
        sealed = self._sealed[: len(target) + form.TAG_BYTES]
        self._source.seek(form.HEADER_BYTES + number * (self.chunk_bytes + form.TAG_BYTES))
        if self._read(sealed) != len(sealed):
            raise Damaged(f"The file was cut in chunk {number + 1} of {self._last + 1}.")
        try:
            self._cipher.decrypt_into(form.nonce(number, number == self._last), sealed, self._bound_to, target)
        except InvalidTag:
            raise Damaged(f"Chunk {number + 1} of {self._last + 1} isn't as it was stored.") from None
