"""What is remembered of a folder, so that one that hasn't changed costs a look at its names and no more."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import msgpack
import zstandard
from blake3 import blake3
from cryptography.exceptions import InvalidTag

from backup.engine.format import cipher
from backup.engine.format.keys import Key
from backup.engine.saving.state import State

Entry = list[Any]
"""Of one name: its bytes, its stamp (or None), its packed node, and every id it needs where that goes through lists.

A list that msgpack takes as it is: there are millions.
"""
NAME, STAMP, NODE, NEEDS = range(4)


@dataclass(slots=True)
class Row:
    """A folder as the last save found it."""

    generation: int
    content: bytes
    """Ids of its tree blobs, or of lists of them; `needs` is then all of both."""
    depth: int
    needs: bytes
    entries: list[Entry]
    by_name: dict[bytes, Entry] = field(default_factory=dict)

    def ids(self) -> list[bytes]:
        """Every blob that the folder itself needs: its trees, and the contents of its files."""
        found = self.needs or self.content
        for entry in self.entries:
            node = cipher.unpack(entry[NODE], "state")
            if node["t"] == "f":
                found += entry[NEEDS] or node["c"]
        return [found[at : at + 32] for at in range(0, len(found), 32)]


class Folders:
    """The rows of one source. Read in the thread that walks, written at the end."""

    def __init__(self, state: State, key: Key, label: str) -> None:
        secret = key.knows("id meta")
        self._state = state
        self._secret = secret
        self._label = label.encode() + b"\0"
        self._box = cipher.aead(key.suite, blake3(b"suite-backup state", key=secret).digest())
        self._unpack = zstandard.ZstdDecompressor()
        self.fresh: dict[bytes, bytes] = {}
        self.mark = blake3(self._label, key=secret).hexdigest()
        """Stands for the name of the source, which may be a path."""

    def key(self, path: bytes) -> bytes:
        return blake3(self._label + path, key=self._secret).digest(16)

    def find(self, path: bytes) -> Row | None:
        key = self.key(path)
        sealed = self._state.folder(key)
        if sealed is None:
            return None
        try:
            packed = self._unpack.decompress(self._box.decrypt(sealed[:12], sealed[12:], key))
        except (InvalidTag, zstandard.ZstdError):
            return None  # damaged: as good as lost
        row = Row(*msgpack.unpackb(packed))
        row.by_name = {entry[NAME]: entry for entry in row.entries}
        return row

    def keep(self, path: bytes, row: Row) -> None:
        packed = cipher.pack([row.generation, row.content, row.depth, row.needs, row.entries])
        key, nonce = self.key(path), os.urandom(12)
        compressed = zstandard.ZstdCompressor(level=1).compress(packed)
        self.fresh[key] = nonce + self._box.encrypt(nonce, compressed, key)
