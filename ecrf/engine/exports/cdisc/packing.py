"""The rows of one dataset while the records go by: compressed in memory, never on the disk."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from ecrf.engine.exports.cdisc.columns import Dataset

BLOCK = 256 * 1024


class Packed:
    """Takes rows, counts them, knows the longest text of each column, and gives them back a line each."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.count = 0
        self.longest = [0] * len(dataset.columns)
        self._packed = BytesIO()
        self._packer = zlib.compressobj(1)

    def add(self, row: list[Any]) -> None:
        self.count += 1
        for place, cell in enumerate(row):
            if isinstance(cell, str) and len(cell) > self.longest[place]:
                self.longest[place] = len(cell)
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
        self._packed.write(self._packer.compress(line))

    def lines(self) -> Iterator[bytes]:
        """Every line with its end, once."""
        self._packed.write(self._packer.flush())
        self._packed.seek(0)
        opener, rest = zlib.decompressobj(), b""
        while block := self._packed.read(BLOCK):
            rest += opener.decompress(block)
            *whole, rest = rest.split(b"\n")
            yield from (line + b"\n" for line in whole)
