"""The format of an encrypted file, version 1.

====== ==== ===================================================================================
offset size what
====== ==== ===================================================================================
0      4    ``SIF1``
4      1    b: a chunk holds 2**b clear bytes, 12 <= b <= 24
5      11   zeros
16     ...  chunks: AES-256-GCM ciphertext followed by its tag of 16 bytes; the last may be shorter
====== ==== ===================================================================================

There is always a last chunk; in an empty file it is empty. Each file has a random key of its own and is written once,
so the nonce needs no chance: 8 bytes number of the chunk, 4 bytes 1 for the last and 0 for the others (big endian; the
STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015). The associated data are the header and the
16 bytes of the file's id. So chunks that are changed, moved, dropped, cut or taken from another file don't open.
"""

from __future__ import annotations

import struct

MAGIC = b"SIF1"
HEADER_BYTES = 16
TAG_BYTES = 16
KEY_BYTES = 32
CHUNK_BITS = 20
"""New files have chunks of 1 MiB: see the README for the measurement."""
LEAST_BITS, MOST_BITS = 12, 24

_nonce = struct.Struct(">QI")


class Damaged(Exception):
    """The file was cut, changed, moved or isn't one of ours. Says where, nothing of the content."""


def header(bits: int) -> bytes:
    """The first 16 bytes of a file with chunks of 2**bits. Raises ValueError."""
    if not LEAST_BITS <= bits <= MOST_BITS:
        raise ValueError(f"a chunk has 2**{LEAST_BITS} to 2**{MOST_BITS} bytes")
    return MAGIC + bytes([bits]) + bytes(11)


def bits_of(head: bytes) -> int:
    """The size of the chunks, as a power of two. Raises Damaged."""
    if len(head) != HEADER_BYTES or head[:4] != MAGIC or any(head[5:]) or not LEAST_BITS <= head[4] <= MOST_BITS:
        raise Damaged("The file doesn't begin as an encrypted file.")
    return head[4]


def nonce(number: int, last: bool) -> bytes:
    """The nonce of the chunk with this number, from 0."""
    return _nonce.pack(number, last)


def chunks_in(size: int, bits: int) -> int:
    """How many chunks hold `size` clear bytes: one at least."""
    return max(1, -(-size >> bits))


def stored_size(size: int, bits: int = CHUNK_BITS) -> int:
    """Bytes on disk of `size` clear bytes."""
    return HEADER_BYTES + size + TAG_BYTES * chunks_in(size, bits)


def clear_size(stored: int, bits: int) -> int:
    """Clear bytes in a file of `stored` bytes. Raises Damaged where no file has that length."""
    body, whole = stored - HEADER_BYTES, (1 << bits) + TAG_BYTES
    chunks = max(1, -(-body // whole))
    size = body - TAG_BYTES * chunks
    if size < 0 or chunks_in(size, bits) != chunks:
        raise Damaged("The file was cut in the middle of a chunk.")
    return size
