"""One blob: content under an id, compressed where that pays, encrypted for its pack (FORMAT.md, section 6)."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import zstandard
from blake3 import blake3
from cryptography.exceptions import InvalidTag

from backup.engine.errors import Damaged
from backup.engine.format.cipher import Aead, Bytes

DATA, TREE, LIST = 1, 2, 3
RAW, ZSTD = 0, 1
LARGEST = 16 << 20
LARGEST_STORED = LARGEST + (64 << 10)
"""More than this no blob takes in a pack, whatever an index says."""
LEVEL = 3
WORTHWHILE = 0.97
"""Compressed content is kept only where it is smaller than this share of the original."""
_ENTRY = struct.Struct("<32sIIIIHBB")
ENTRY_SIZE = _ENTRY.size
_LOCAL = threading.local()


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a blob lies in its pack and how it is stored."""

    id: bytes
    offset: int
    stored: int
    length: int
    counter: int
    key: int
    type: int
    method: int

    def __bytes__(self) -> bytes:
        return _ENTRY.pack(
            self.id, self.offset, self.stored, self.length, self.counter, self.key, self.type, self.method
        )


packed = _ENTRY.pack
"""The fields of an entry as they stand in a header."""


def entry(data: bytes) -> Entry:
    return Entry(*_ENTRY.unpack(data))


def entries(data: bytes, name: str) -> Iterator[Entry]:
    if len(data) % ENTRY_SIZE:
        raise Damaged(name, "its list of blobs is cut")
    return (Entry(*fields) for fields in _ENTRY.iter_unpack(data))


def ids(data: bytes) -> Iterator[bytes]:
    """Only the ids of a list of entries, quickly."""
    return (fields[0] for fields in _ENTRY.iter_unpack(data))


def identify(content: Bytes, key: bytes) -> bytes:
    return blake3(content, key=key).digest()


def compress(content: Bytes) -> tuple[int, Bytes]:
    """How the content is best stored: the method and the bytes."""
    return _better(content, _compressor().compress(content))


def compress_all(contents: list[Bytes]) -> list[tuple[int, Bytes]]:
    """The same of many small ones, in one call that lets every other thread run."""
    if not contents:
        return []
    packed = _compressor().multi_compress_to_buffer(contents)
    return [_better(content, packed[number].tobytes()) for number, content in enumerate(contents)]


def _compressor() -> zstandard.ZstdCompressor:
    try:
        found: zstandard.ZstdCompressor = _LOCAL.compressor
    except AttributeError:
        found = _LOCAL.compressor = zstandard.ZstdCompressor(level=LEVEL)
    return found


def _better(content: Bytes, packed: bytes) -> tuple[int, Bytes]:
    return (ZSTD, packed) if len(packed) < len(content) * WORTHWHILE else (RAW, content)


def encrypt(
    cipher: Aead, repository: bytes, type_: int, method: int, id_: bytes, length: int, counter: int, body: Bytes
) -> bytes:
    return cipher.encrypt(_nonce(counter), body, _context(repository, type_, method, length, id_))


def decrypt(cipher: Aead, repository: bytes, entry: Entry, stored: Bytes, key: bytes, name: str) -> bytes:
    """The content of a blob, verified by its tag and by its id (under `key`). Raises Damaged."""
    if entry.length > LARGEST or len(stored) != entry.stored:
        raise Damaged(name, "a blob is cut or too long")
    context = _context(repository, entry.type, entry.method, entry.length, entry.id)
    try:
        body = cipher.decrypt(_nonce(entry.counter), stored, context)
        content = body if entry.method == RAW else _decompress(body, entry.length)
    except (InvalidTag, zstandard.ZstdError, ValueError) as error:
        raise Damaged(name, f"blob {entry.id.hex()[:16]} doesn't open") from error
    if len(content) != entry.length or identify(content, key) != entry.id:
        raise Damaged(name, f"blob {entry.id.hex()[:16]} isn't what its id says")
    return content


def _decompress(body: bytes, length: int) -> bytes:
    """Exactly `length` bytes: a frame that would give more is refused before it is unpacked."""
    if zstandard.frame_content_size(body) != length:
        raise ValueError("the frame declares another length")
    try:
        decompressor = _LOCAL.decompressor
    except AttributeError:
        decompressor = _LOCAL.decompressor = zstandard.ZstdDecompressor()
    content: bytes = decompressor.decompress(body, max_output_size=length)
    return content


def _nonce(counter: int) -> bytes:
    return b"\0\0\0\0" + counter.to_bytes(8, "little")


def _context(repository: bytes, type_: int, method: int, length: int, id_: bytes) -> bytes:
    return b"%b%c%c%b%b" % (repository, type_, method, length.to_bytes(4, "little"), id_)
