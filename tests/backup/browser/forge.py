"""A writer whose key the master let in, and who writes what no honest program would."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import msgpack
import zstandard

from backup.engine.format import blobs, cipher, index, layout, packs, snapshots
from backup.engine.format.keys import Key
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Counts, Effort, Taken
from backup.engine.repository import Repository
from backup.engine.stores.base import Store

KIND = {blobs.DATA: layout.DATA_PACK, blobs.TREE: layout.META_PACK, blobs.LIST: layout.META_PACK}
MANY = Counts(1000, 1000, 1000, 10**12)


def file(name: str, ids: bytes = b"", **fields: Any) -> dict[str, Any]:
    return {"n": name.encode(), "t": "f", "m": 0o644, "mt": 1, "s": 0, "c": ids, **fields}


def directory(name: str, ids: bytes = b"", **fields: Any) -> dict[str, Any]:
    return {"n": name.encode(), "t": "d", "m": 0o755, "mt": 1, "c": ids, **fields}


@dataclass
class Forge:
    store: Store
    key: Key
    _bodies: dict[bytes, list[bytes]] = field(default_factory=dict)
    _entries: dict[bytes, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.config = Repository.open(self.store, self.key).config
        self._keys = {kind: packs.new_key(self.config, kind) for kind in (layout.DATA_PACK, layout.META_PACK)}
        self._counter = itertools.count()
        self._last = (0, bytes(32))

    def blob(self, type_: int, content: bytes, **lies: Any) -> bytes:
        """A blob: its id. `lies`: what its entry says otherwise, or the bytes that are encrypted (`body`)."""
        kind = KIND[type_]
        secret = self.key.knows("id data" if type_ == blobs.DATA else "id meta", self.config.audience(self.key.key_id))
        body = lies.pop("body", content)
        said = {
            "id": blobs.identify(content, secret),
            "length": len(content),
            "method": blobs.RAW,
            "type": type_,
            "key": 0,
        }
        said |= {"counter": next(self._counter)} | lies
        aead = cipher.aead(self.config.suite, self._keys[kind][0])
        sealed = blobs.encrypt(
            aead,
            self.config.repository,
            said["type"],
            said["method"],
            said["id"],
            said["length"],
            said["counter"],
            body,
        )
        row = self._bodies.setdefault(kind, [])
        entry = {"offset": packs.start_size(1) + sum(map(len, row)), "stored": len(sealed)} | said
        row.append(sealed)
        self._entries[kind] = self._entries.get(kind, b"") + bytes(blobs.Entry(**entry))
        return bytes(said["id"])

    def tree(self, *nodes: Any) -> bytes:
        return self.blob(blobs.TREE, msgpack.packb(list(nodes), use_bin_type=True))

    def flush(self) -> list[Written]:
        """What was made so far, as packs in the store."""
        written = []
        for kind, bodies in self._bodies.items():
            name, parts = packs.assemble(self.config, kind, [self._keys[kind][1]], bodies, self._entries[kind])
            self.store.create(layout.pack_name(name), parts)
            written.append(Written(name, sum(map(len, parts)), kind, self._entries[kind]))
        self._bodies, self._entries = {}, {}
        return written

    def index(self, written: list[Written]) -> bytes:
        name, raw = index.write(self.config, written)
        self.store.create(layout.index_name(name), [raw])
        return name

    def index_of(self, packed: bytes) -> bytes:
        """An index whose packed list is this."""
        prologue = bytes(
            layout.Prologue(layout.INDEX, self.config.repository, self.config.suite, self.config.epoch.number)
        )
        raw = prologue + cipher.seal(self.config.suite, self.config.epoch.meta, "index", prologue, packed)
        name = cipher.digest(raw)
        self.store.create(layout.index_name(name), [raw])
        return name

    def snapshot(self, root: bytes, *indexes: bytes, counts: Counts = MANY, depth: int = 0) -> bytes:
        """A snapshot, of all that was made so far unless indexes are given: its id."""
        taken = Taken(
            source="forged",
            host="",
            paths=(b"/",),
            tags=(),
            started=1,
            finished=2,
            root=root,
            depth=depth,
            indexes=indexes or (self.index(self.flush()),),
            counts=counts,
            effort=Effort(),
            notes={},
        )
        sequence = self._last[0] + 1
        raw = snapshots.write(self.config, self.key, sequence, self._last[1], taken)
        self.store.create(layout.snapshot_name(self.key.key_id, sequence), [raw])
        self._last = (sequence, cipher.digest(raw))
        return self._last[1]


def zstd(content: bytes, level: int = 3) -> bytes:
    return zstandard.ZstdCompressor(level=level).compress(content)
