"""Fill packs in the caller's thread: with blobs of one's own, or with copies of ciphertexts and their sealed keys."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from backup.engine.errors import AlreadyThere
from backup.engine.format import blobs, cipher, layout, packs
from backup.engine.format.blobs import Entry
from backup.engine.format.cipher import Aead, Bytes
from backup.engine.format.packs import Written
from backup.engine.repository import Repository

_MOST_KEYS = 1 << 16


class Packing:
    """Packs of one kind, one after the other. What is in `written` is durable, unless nothing is to be kept."""

    def __init__(self, repository: Repository, kind: bytes, *, keep: bool = True) -> None:
        self._repository, self._kind, self._keep = repository, kind, keep
        self.written: list[Written] = []
        self._begin()

    def copy(self, entry: Entry, stored: Bytes, sealed_key: bytes) -> None:
        """Take over a blob as it is, with its key as it was sealed."""
        number = self._keys.setdefault(sealed_key, len(self._keys))
        self._blobs.append((replace(entry, key=number), stored))
        self._size += len(stored)
        if self._size >= packs.TARGET or len(self._keys) == _MOST_KEYS - 1:
            self.close()

    def add(self, type_: int, id_: bytes, content: Bytes) -> None:
        """Store a blob under this pack's own key."""
        repository = self._repository.config.repository
        method, body = blobs.compress(content)
        length = len(content)
        stored = blobs.encrypt(self._aead, repository, type_, method, id_, length, self._counter, body)
        entry = Entry(id_, 0, len(stored), length, self._counter, 0, type_, method)
        self._counter += 1
        self.copy(entry, stored, self._sealed_key)

    def close(self) -> None:
        """Write what is left."""
        if not self._blobs:
            return
        config = self._repository.config
        offset = packs.start_size(len(self._keys))
        entries, bodies = [], []
        for entry, stored in self._blobs:
            entries.append(bytes(replace(entry, offset=offset)))
            bodies.append(stored)
            offset += len(stored)
        digest, parts = packs.assemble(config, self._kind, list(self._keys), bodies, b"".join(entries))
        if self._keep:
            with contextlib.suppress(AlreadyThere):  # the same bytes, by their very name
                self._repository.store.create(layout.pack_name(digest), parts)
        self.written.append(Written(digest, sum(map(len, parts)), self._kind, b"".join(entries)))
        self._begin()

    def _begin(self) -> None:
        key, self._sealed_key = packs.new_key(self._repository.config, self._kind)
        self._aead: Aead = cipher.aead(self._repository.config.suite, key)
        self._keys: dict[bytes, int] = {}
        self._blobs: list[tuple[Entry, Bytes]] = []
        self._size = self._counter = 0
