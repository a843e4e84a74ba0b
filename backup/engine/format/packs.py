"""Packs: many blobs in one object, so that a store sees few, and their sizes tell little (FORMAT.md, section 6)."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Queue

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backup.engine.errors import AlreadyThere, Damaged
from backup.engine.format import blobs, cipher, layout
from backup.engine.format.cipher import Bytes
from backup.engine.format.config import Epoch
from backup.engine.format.layout import Prologue
from backup.engine.stores.local import Store

TARGET = 16 << 20
SEAL = 80
START = layout.SIZE + 2 * SEAL
"""Where the blobs begin."""
_ZERO = bytes(12)
_WAITING = 3
"""Full packs that may wait to be written before the workers wait too."""


@dataclass(frozen=True)
class Written:
    """A pack that is durable in the store."""

    name: bytes
    size: int
    kind: bytes
    entries: bytes


class _Open:
    """A pack being filled. `out` counts the counters handed out whose blob hasn't come back yet."""

    def __init__(self, prologue: Prologue, epoch: Epoch) -> None:
        self.prologue = bytes(prologue)
        self.kind = prologue.kind
        blob_key, header_key = os.urandom(32), os.urandom(32)
        to = epoch.data if self.kind == layout.DATA_PACK else epoch.meta
        self.start = (
            self.prologue
            + cipher.seal(to, "blob key", self.prologue, blob_key)
            + cipher.seal(epoch.meta, "header key", self.prologue, header_key)
        )
        self.cipher, self.header = AESGCM(blob_key), AESGCM(header_key)
        self.bodies: list[bytes] = []
        self.entries: list[bytes] = []
        self.size = START
        self.counter = self.out = 0
        self.full = False


class Packer:
    """Fills packs of one kind from several threads and hands the full ones to the writer."""

    def __init__(self, kind: bytes, repository: bytes, epoch: Epoch, writer: PackWriter) -> None:
        self._prologue = Prologue(kind, repository, epoch.number)
        self._epoch, self._writer = epoch, writer
        self._lock = threading.Lock()
        self._open: _Open | None = None

    def add(self, type_: int, id_: bytes, method: int, length: int, body: Bytes) -> None:
        with self._lock:
            pack = self._open = self._open or _Open(self._prologue, self._epoch)
            counter = pack.counter
            pack.counter += 1
            pack.out += 1
        stored = blobs.encrypt(pack.cipher, pack.prologue, type_, method, id_, length, counter, body)
        with self._lock:
            entry = blobs.Entry(id_, pack.size, len(stored), length, counter, type_, method)
            pack.entries.append(bytes(entry))
            pack.bodies.append(stored)
            pack.size += len(stored)
            pack.out -= 1
            if pack.size >= TARGET:
                pack.full = True
                if pack is self._open:
                    self._open = None
            ready = pack.full and pack.out == 0  # only the last to come back finds nobody out
        if ready:
            self._writer.put(pack)

    def close(self) -> None:
        """Hand over what is left. To be called once no thread adds any more."""
        with self._lock:
            pack, self._open = self._open, None
        if pack is not None:
            self._writer.put(pack)


class PackWriter:
    """One thread that seals packs and makes them durable; what it reports is in the store for good."""

    def __init__(self, store: Store, written: Callable[[Written], None]) -> None:
        self._store, self._written = store, written
        self._queue: Queue[_Open | None] = Queue(_WAITING)
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="backup-packs", daemon=True)
        self._thread.start()

    def put(self, pack: _Open) -> None:
        if self.failure is not None:
            raise self.failure
        self._queue.put(pack)

    def stop(self) -> None:
        """End the thread once the pack in hand is written. Twice does no harm."""
        self._queue.put(None)
        self._thread.join()

    def close(self) -> None:
        """Wait until all is written. Raises what went wrong while writing."""
        self.stop()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        while (pack := self._queue.get()) is not None:
            if self.failure is None:
                try:
                    self._written(write(self._store, pack))
                except BaseException as error:  # handed to whoever puts or closes next
                    self.failure = error


def write(store: Store, pack: _Open) -> Written:
    """Close a pack and keep it in the store."""
    entries = b"".join(pack.entries)
    header = pack.header.encrypt(_ZERO, entries, pack.prologue)
    trailer = header + len(header).to_bytes(4, "little")
    padding = bytes(padme(pack.size + len(trailer)) - pack.size - len(trailer)) if pack.size < TARGET else b""
    parts = [pack.start, *pack.bodies, padding, trailer]
    digest = cipher.digest(*parts)
    with contextlib.suppress(AlreadyThere):  # the same bytes, by their very name
        store.create(layout.pack_name(digest), parts)
    return Written(digest, sum(map(len, parts)), pack.kind, entries)


def padme(length: int) -> int:
    """The next length that tells at most log2 log2 of it (Nikitin et al., PoPETs 2019(4), algorithm 1)."""
    exponent = length.bit_length() - 1
    mask = (1 << max(exponent - exponent.bit_length(), 0)) - 1
    return (length + mask) & ~mask


def read_entries(raw: bytes, prologue: Prologue, meta: bytes, name: str) -> bytes:
    """The entries in the header of a whole pack."""
    size = int.from_bytes(raw[-4:], "little")
    if len(raw) < START + size + 4:
        raise Damaged(name, "the pack is cut")
    context = bytes(prologue)
    key = cipher.unseal(meta, "header key", context, raw[layout.SIZE + SEAL : START], name)
    try:
        return AESGCM(key).decrypt(_ZERO, raw[-4 - size : -4], context)
    except InvalidTag as error:
        raise Damaged(name, "the header doesn't open") from error


def blob_cipher(start: bytes, prologue: Prologue, private: bytes, name: str) -> AESGCM:
    """The cipher of a pack's blobs, from its first bytes."""
    key = cipher.unseal(private, "blob key", bytes(prologue), start[layout.SIZE : layout.SIZE + SEAL], name)
    return AESGCM(key)
