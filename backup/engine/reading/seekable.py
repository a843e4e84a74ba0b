"""A file of a snapshot as a file: any part of it can be read, and no more is fetched."""

from __future__ import annotations

import io
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from backup.engine.format import blobs
from backup.engine.format.trees import Node
from backup.engine.reading.catalogue import Catalogue
from backup.engine.restoring.large import segments

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]


class SnapshotFile(io.RawIOBase):
    """Each piece is verified by its id. Raises Damaged."""

    def __init__(self, catalogue: Catalogue, node: Node) -> None:
        self._catalogue, self._node, self._at = catalogue, node, 0
        self._extents = [*node.get("e", [[0, node["s"]]]), [node["s"], 0]]
        self._offsets = [offset for offset, _ in self._extents]
        self._before = list(accumulate((length for _, length in self._extents), initial=0))
        """What is stored before each stretch of data."""
        name = node["n"].decode(errors="backslashreplace")
        self._pieces = [piece for segment in segments(catalogue, node, name) for piece in segment]
        self._starts = [start for _, start, _ in self._pieces]
        self._held: tuple[int, bytes] = (-1, b"")
        """The piece that was read last."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._node["s"]}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer).cast("B")
        part = self._part(len(view))
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _part(self, most: int) -> bytes | memoryview:
        """Some bytes from where it stands, up to the end of a hole or a piece."""
        most = min(most, self._node["s"] - self._at)
        if most <= 0:
            return b""
        number = bisect_right(self._offsets, self._at) - 1
        offset, length = self._extents[number] if number >= 0 else (0, 0)
        if self._at >= offset + length:
            return bytes(min(most, self._extents[number + 1][0] - self._at))
        stored = self._before[number] + self._at - offset
        place = bisect_right(self._starts, stored) - 1
        if self._held[0] != place:
            self._held = (place, self._catalogue.read(self._pieces[place][0], blobs.DATA))
        inside = stored - self._starts[place]
        return memoryview(self._held[1])[inside : inside + min(most, offset + length - self._at)]
