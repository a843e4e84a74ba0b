"""A writer that keeps no rule: packs, indexes and snapshots of whatever a test gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backup.engine.format import blobs, chain, cipher, index, layout, packs, snapshots
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Counts, Effort, Taken
from backup.engine.repository import Repository

Nodes = dict[str, Any]
"""A directory: names to the content of files (bytes), or to directories."""


@dataclass(frozen=True)
class Blob:
    """What goes into a pack; all but the content is computed where it isn't given."""

    content: bytes
    type: int = blobs.DATA
    id: bytes | None = None
    length: int | None = None
    method: int = blobs.RAW
    body: bytes | None = None


@dataclass
class Hand:
    """Writes with one writer's key; remembers where it is in its row."""

    repository: Repository
    sequence: int = 0
    previous: bytes = chain.FIRST
    packs: list[Written] = field(default_factory=list)

    def identify(self, content: bytes, type_: int = blobs.DATA) -> bytes:
        return blobs.identify(content, self.repository.key.knows("id data" if type_ == blobs.DATA else "id meta"))

    def pack(self, *contents: Blob, kind: bytes | None = None) -> Written:
        """Store blobs in one pack."""
        config = self.repository.config
        kind = kind or (layout.DATA_PACK if contents[0].type == blobs.DATA else layout.META_PACK)
        key, sealed = packs.new_key(config, kind)
        aead = cipher.aead(config.suite, key)
        bodies, entries, offset = [], [], packs.START
        for counter, one in enumerate(contents):
            id_ = one.id or self.identify(one.content, one.type)
            length = len(one.content) if one.length is None else one.length
            body = one.content if one.body is None else one.body
            stored = blobs.encrypt(aead, config.repository, one.type, one.method, id_, length, counter, body)
            entries.append(blobs.packed(id_, offset, len(stored), length, counter, 0, one.type, one.method))
            bodies.append(stored)
            offset += len(stored)
        digest, parts = packs.assemble(config, kind, [sealed], bodies, b"".join(entries))
        self.repository.store.create(layout.pack_name(digest), parts)
        written = Written(digest, sum(map(len, parts)), kind, b"".join(entries))
        self.packs.append(written)
        return written

    def index(self, written: Sequence[Written]) -> bytes:
        digest, raw = index.write(self.repository.config, written)
        self.repository.store.create(layout.index_name(digest), [raw])
        return digest

    def tree(self, nodes: Nodes, data: list[Blob], meta: list[Blob]) -> bytes:
        """The ids of a directory's trees; the blobs of all below it are added to the two lists."""
        packed = []
        for name in sorted(nodes):
            what = nodes[name]
            node: dict[str, Any] = {"n": name.encode(), "m": 0o600, "mt": 1}
            if isinstance(what, dict) and "t" in what:
                node |= what
            elif isinstance(what, dict):
                node |= {"t": "d", "c": self.tree(what, data, meta)}
            else:
                pieces = [what] if isinstance(what, bytes) else what
                data += (Blob(piece) for piece in pieces if piece)
                ids = b"".join(self.identify(piece) for piece in pieces if piece)
                whole = b"".join(pieces)
                node |= {"t": "f", "s": len(whole), "c": ids}
                node |= {"h": cipher.digest(whole)} if len(ids) > len(self.previous) else {}
            packed.append(node)
        if not packed:
            return b""
        content = cipher.pack(packed)
        meta.append(Blob(content, blobs.TREE))
        return self.identify(content, blobs.TREE)

    def save(self, nodes: Nodes, *, source: str = "hand", keep: Sequence[bytes] = ()) -> bytes:
        """A snapshot of a tree, its blobs in a pack of each kind, and `keep` indexes from before: its id."""
        data: list[Blob] = []
        meta: list[Blob] = []
        root = self.tree(nodes, data, meta)
        stored = [self.pack(*one) for one in (_distinct(data), _distinct(meta)) if one]
        return self.announce(root, [*keep, self.index(stored)], source=source)

    def announce(self, root: bytes, indexes: Sequence[bytes], *, source: str = "hand", depth: int = 0) -> bytes:
        taken = Taken(source, "host", (b"/",), (), 1, 2, root, depth, tuple(indexes), Counts(), Effort(), {})
        self.sequence += 1
        raw = snapshots.write(self.repository.config, self.repository.key, self.sequence, self.previous, taken)
        self.repository.store.create(layout.snapshot_name(self.repository.key.key_id, self.sequence), [raw])
        self.previous = cipher.digest(raw)
        return self.previous


def _distinct(contents: list[Blob]) -> list[Blob]:
    return list({(one.type, one.content): one for one in contents}.values())
