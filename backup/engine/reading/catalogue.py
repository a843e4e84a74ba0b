"""Read blobs: from the ids of a snapshot's trees to verified content."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backup.engine.errors import Damaged, Missing
from backup.engine.format import blobs, cipher, layout, packs, trees
from backup.engine.format.blobs import Entry
from backup.engine.format.layout import Prologue
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.repository import Repository

_LARGEST_INDEX = 256 << 20
Place = tuple[bytes, Entry]


class Catalogue:
    """The blobs of one snapshot: those its own indexes list, and no other. Safe to use from several threads."""

    def __init__(self, repository: Repository, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._repository = repository
        self._key = repository.key
        self._places: dict[bytes, Place] = {}
        self._spare: dict[bytes, list[Place]] = {}
        self._ciphers: dict[bytes, tuple[AESGCM, bytes]] = {}
        self._lock = threading.Lock()
        present = dict(repository.store.list("packs"))
        self.missing: list[Damaged] = []
        for index in snapshot.indexes:
            try:
                self._load(index, present)
            except (Damaged, Missing) as error:
                self.missing.append(error if isinstance(error, Damaged) else Damaged(error.name, "is gone"))

    def __contains__(self, id_: bytes) -> bool:
        return id_ in self._places

    def read(self, id_: bytes, type_: int) -> bytes:
        """The content of a blob, from the first copy that is sound. Raises Damaged."""
        try:
            first = self._places[id_]
        except KeyError:
            raise Damaged(f"blob {id_.hex()[:16]}", "no index of the snapshot lists it") from None
        trouble: Damaged | None = None
        for pack, entry in (first, *self._spare.get(id_, ())):
            try:
                return self.read_at(pack, entry, type_)
            except Damaged as error:
                trouble = trouble or error
            except Missing as error:
                trouble = trouble or Damaged(error.name, "is gone")
        assert trouble is not None
        raise trouble

    def read_at(self, pack: bytes, entry: Entry, type_: int) -> bytes:
        name = layout.pack_name(pack)
        if entry.type != type_:
            raise Damaged(name, "a blob is of another type than its place calls for")
        aead, prologue = self._cipher(pack, layout.DATA_PACK if type_ == blobs.DATA else layout.META_PACK)
        stored = self._repository.store.read(name, entry.offset, entry.stored)
        key = self._key.knows("id data" if type_ == blobs.DATA else "id meta")
        return blobs.decrypt(aead, prologue, entry, stored, key, name)

    def ids(self, node: Node) -> Iterator[bytes]:
        """Every id of the content of a file or a directory, in order."""
        return trees.unfold(node["c"], node.get("p", 0), lambda id_: self.read(id_, blobs.LIST))

    def root(self) -> Node:
        return {"t": DIRECTORY, "n": b"", "m": 0o700, "mt": 0, "c": self.snapshot.root, "p": self.snapshot.depth}

    def nodes(self, directory: Node) -> Iterator[Node]:
        """What a directory holds. Raises Damaged for anything that could lead out of it."""
        after: bytes | None = None
        for id_ in self.ids(directory):
            for node in trees.parse(self.read(id_, blobs.TREE), after, f"tree {id_.hex()[:16]}"):
                after = node["n"]
                yield node

    def walk(self, trouble: Callable[[bytes, Damaged], None] | None = None) -> Iterator[tuple[bytes, Node]]:
        """Everything in the snapshot with its path, a directory before what it holds.

        With `trouble`, a directory that can't be read is told to it, and the walk goes on.
        """
        waiting = [(b"", self.root())]
        while waiting:
            path, directory = waiting.pop()
            below = []
            try:
                for node in self.nodes(directory):
                    place = path + node["n"]
                    yield place, node
                    if node["t"] == DIRECTORY:
                        below.append((place + b"/", node))
            except Damaged as error:
                if trouble is None:
                    raise
                trouble(path, error)
            waiting.extend(reversed(below))

    def content(self, node: Node) -> Iterator[bytes]:
        """The content of a file, piece by piece, each verified. Whoever needs the whole compares its hash with `h`."""
        assert node["t"] == FILE
        for id_ in self.ids(node):
            yield self.read(id_, blobs.DATA)

    def _load(self, index: bytes, present: dict[str, int]) -> None:
        name = layout.index_name(index)
        for pack, size, _kind, listed in read_index(self._repository, index):
            if present.get(layout.pack_name(pack)) != size:
                self.missing.append(Damaged(layout.pack_name(pack), "is gone or cut"))
                continue
            for entry in blobs.entries(listed, name):
                place = (pack, entry)
                if self._places.setdefault(entry.id, place) is not place:
                    self._spare.setdefault(entry.id, []).append(place)

    def _cipher(self, pack: bytes, kind: bytes) -> tuple[AESGCM, bytes]:
        with self._lock:
            found = self._ciphers.get(pack)
        if found is None:
            name = layout.pack_name(pack)
            start = self._repository.store.read(name, 0, packs.START)
            prologue = layout.parse(start, kind, self._key.repository, name)
            found = open_blobs(self._repository, start, prologue, name), bytes(prologue)
            with self._lock:
                self._ciphers[pack] = found
        return found


def open_blobs(repository: Repository, start: bytes, prologue: Prologue, name: str) -> AESGCM:
    part = "data" if prologue.kind == layout.DATA_PACK else "meta"
    return packs.blob_cipher(start, prologue, repository.key.opens(part, prologue.epoch), name)


def read_index(repository: Repository, index: bytes) -> list[tuple[bytes, int, str, bytes]]:
    """What one index lists: packs with their size, kind and entries. Raises Damaged, Missing."""
    name = layout.index_name(index)
    raw = repository.store.read(name)
    if cipher.digest(raw) != index:
        raise Damaged(name, "its bytes aren't those of its name")
    prologue = layout.parse(raw, layout.INDEX, repository.config.repository, name)
    private = repository.key.opens("meta", prologue.epoch)
    packed = cipher.unseal(private, "index", bytes(prologue), raw[layout.SIZE :], name)
    try:
        if zstandard.frame_content_size(packed) > _LARGEST_INDEX:
            raise Damaged(name, "declares more than an index may hold")
        body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST_INDEX)
    except zstandard.ZstdError as error:
        raise Damaged(name, "doesn't unpack") from error
    return [(pack, size, kind, listed) for pack, size, kind, listed in cipher.unpack(body, name)]
