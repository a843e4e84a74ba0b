"""Cut content where its bytes say so: an insertion moves one cut, not all that follow (FORMAT.md, section 13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from pyfastcdc import FastCDC

SMALLEST, AVERAGE, LARGEST = 512 << 10, 1 << 20, 8 << 20
NORMALISATION: Final = 2
SEGMENT = 16 << 20
"""No more: what malloc maps anew each time, beyond 32 MiB, costs more in page faults than reading and cutting."""
PARAMETERS = {
    "name": "fastcdc",
    "min": SMALLEST,
    "avg": AVERAGE,
    "max": LARGEST,
    "normalisation": NORMALISATION,
}


class Readable(Protocol):
    def readinto(self, buffer: memoryview, /) -> int: ...


class Chunker:
    def __init__(self, key: bytes) -> None:
        seed = int.from_bytes(key[:8], "little") >> 1 or 1
        self._cutter = FastCDC(
            AVERAGE, min_size=SMALLEST, max_size=LARGEST, normalized_chunking=NORMALISATION, seed=seed
        )

    def cut(self, stream: Readable, size: int = SEGMENT) -> Iterator[memoryview]:
        """The pieces of a stream in order, however it hands out its bytes. `size` is a guess at its length.

        Each segment is read into fresh memory, so that pieces stay valid while others work on them.
        """
        rest, ended = b"", False
        capacity = min(SEGMENT, size + 1)
        while not ended:
            segment = bytearray(capacity)
            segment[: len(rest)] = rest
            filled, ended = _fill(stream, memoryview(segment), len(rest))
            chunks = [chunk.data for chunk in self._cutter.cut_buf(memoryview(segment)[:filled])] if filled else []
            # The last piece was cut by the end of the segment, not by its content, unless the stream ends there too.
            rest = b"" if ended or not chunks else bytes(chunks.pop())
            yield from chunks
            capacity = SEGMENT


def _fill(stream: Readable, buffer: memoryview, start: int) -> tuple[int, bool]:
    """Read until the buffer is full or the stream ends: how far it is filled, and whether it ended."""
    while start < len(buffer):
        count = stream.readinto(buffer[start:])
        if not count:
            return start, True
        start += count
    return start, False
