"""Read blobs: from the ids of a snapshot's trees to verified content."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import partial

from backup.engine.errors import Damaged, Missing
from backup.engine.format import blobs, index, layout, packs, trees
from backup.engine.format.blobs import Entry
from backup.engine.format.cipher import Aead
from backup.engine.format.packs import Start, Written
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.history import History
from backup.engine.places import Places
from backup.engine.reading.bound import Bound
from backup.engine.reading.mended import MendedPacks
from backup.engine.reading.windows import Windows
from backup.engine.repository import Repository

Place = tuple[bytes, Entry]
"""A pack, and where in it a blob lies."""


class Catalogue:
    """The blobs of one snapshot: those its own indexes list (or what was put in their place), and no other.

    Safe to use from several threads.
    """

    def __init__(self, repository: Repository, snapshot: Snapshot, history: History | None = None) -> None:
        self.snapshot = snapshot
        self.repository = repository
        history = history or repository.history()
        writer = repository.config.audience(snapshot.head.author)
        secrets = ("id data", "id meta")
        self._ids = {
            secret: repository.key.knows(secret, writer) for secret in secrets if secret in repository.key.shared
        }
        self._packs: list[Written] = []
        self._places = Places(lambda number: self._packs[number].entries)
        self.gone: list[Written] = []
        """Packs that are listed and aren't there as they were. Their blobs may lie in others too."""
        self._lost = Places(lambda number: self.gone[number].entries)
        self._starts: dict[bytes, Start] = {}
        self._ciphers: dict[tuple[bytes, int], Aead] = {}
        self._windows = Windows(repository.store)
        self._mended = MendedPacks(repository.store)
        self._lock = threading.Lock()
        self.missing: list[Damaged] = []
        """Indexes of the snapshot that are lost."""
        present = {one.name: one.size for one in repository.store.list("packs")}
        for name in history.instead(snapshot.indexes):
            try:
                self._load(name, present)
            except (Damaged, Missing) as error:
                self.missing.append(error if isinstance(error, Damaged) else Damaged(error.name, "is gone"))

    def __contains__(self, id_: bytes) -> bool:
        with self._lock:
            return id_ in self._places

    def places(self, id_: bytes) -> list[Place]:
        """Every place of a blob; none if it isn't there."""
        with self._lock:
            return [(self._packs[number].name, entry) for number, entry in self._places.find(id_)]

    def packs(self) -> list[Written]:
        """The packs that hold this snapshot's blobs, with others of its writer."""
        return self._packs

    def read(self, id_: bytes, type_: int) -> bytes:
        """The content of a blob, from the first copy that is sound, or that its parity mends. Raises Damaged."""
        trouble: Damaged | None = None
        for pack, entry in self.places(id_):
            try:
                return self.read_at(pack, entry, type_)
            except Damaged as error:
                trouble = trouble or error
            except Missing as error:
                trouble = trouble or Damaged(error.name, "is gone")
        found = self._from_mended(id_, type_)
        if found is None:
            raise trouble or self.absence(id_)
        return found

    def absence(self, id_: bytes) -> Damaged:
        """Why there is no place of a blob."""
        with self._lock:
            number = next((number for number, _entry in self._lost.find(id_)), None)
        if number is None:
            return Damaged(f"blob {id_.hex()[:16]}", "no index of the snapshot lists it")
        return Damaged(layout.pack_name(self.gone[number].name), "is gone or cut")

    def read_at(self, pack: bytes, entry: Entry, type_: int) -> bytes:
        """The content of a blob at one of its places. Raises Damaged, Missing."""
        if entry.stored > blobs.LARGEST_STORED:
            raise Damaged(layout.pack_name(pack), "a blob is too long")
        if type_ == blobs.DATA:
            stored = self.repository.store.read(layout.pack_name(pack), entry.offset, entry.stored)
        else:
            stored = self._windows.read(pack, entry.offset, entry.stored)
        return self.decode(pack, entry, type_, stored)

    def decode(self, pack: bytes, entry: Entry, type_: int, stored: bytes | memoryview) -> bytes:
        """The content of a blob whose stored bytes were read already. Raises Damaged, Missing."""
        name = layout.pack_name(pack)
        if entry.type != type_:
            raise Damaged(name, "a blob is of another type than its place calls for")
        aead = self._cipher(pack, entry, layout.DATA_PACK if type_ == blobs.DATA else layout.META_PACK)
        key = self._ids["id data" if type_ == blobs.DATA else "id meta"]
        return blobs.decrypt(aead, self.repository.config.repository, entry, stored, key, name)

    def identify(self, content: bytes, type_: int) -> bytes:
        """The id that a content has in this snapshot."""
        return blobs.identify(content, self._ids["id data" if type_ == blobs.DATA else "id meta"])

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

    def find(self, path: bytes) -> Node:
        """The node at a path from the root. Raises Missing."""
        node = self.root()
        for name in filter(None, path.split(b"/")):
            below = self.nodes(node) if node["t"] == DIRECTORY else iter(())
            found = next((one for one in below if one["n"] == name), None)
            if found is None:
                raise Missing(path.decode(errors="backslashreplace"))
            node = found
        return node

    def walk(
        self, trouble: Callable[[bytes, Damaged], None] | None = None, top: Node | None = None
    ) -> Iterator[tuple[bytes, Node]]:
        """Everything below a directory (the root) with its path from there, a directory before what it holds.

        With `trouble`, a directory that can't be read is told to it, and the walk goes on. Where there is far more
        than the snapshot says, it ends.
        """
        bound = Bound(self.snapshot)
        waiting = [(b"", top or self.root())]
        while waiting and not bound.is_met:
            path, directory = waiting.pop()
            below = []
            try:
                for node in bound.of(self.nodes(directory)):
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
        """What `c` of a file gives, piece by piece, each verified. Whoever needs the whole compares its hash with `h`.

        Of a file with holes this is only what isn't a hole: its node's `e` says where each byte belongs.
        """
        assert node["t"] == FILE
        for id_ in self.ids(node):
            yield self.read(id_, blobs.DATA)

    def _from_mended(self, id_: bytes, type_: int) -> bytes | None:
        """The content of a blob out of a pack that its parity mends, though it is damaged, cut or gone."""
        with self._lock:
            lost = [(self.gone[number].name, entry) for number, entry in self._lost.find(id_)]
        for pack, entry in [*self.places(id_), *lost]:
            raw = self._mended.get(pack)
            if raw is not None:
                with contextlib.suppress(Damaged):
                    self._start(pack, partial(_part, raw))
                    return self.decode(pack, entry, type_, raw[entry.offset : entry.offset + entry.stored])
        return None

    def _load(self, name: bytes, present: dict[str, int]) -> None:
        for pack in read_index(self.repository, name):
            if present.get(layout.pack_name(pack.name)) != pack.size:
                self.gone.append(pack)
                self._lost.add(pack.entries)
            else:
                self._packs.append(pack)
                self._places.add(pack.entries)

    def _cipher(self, pack: bytes, entry: Entry, kind: bytes) -> Aead:
        with self._lock:
            found = self._ciphers.get((pack, entry.key))
            start = self._starts.get(pack)
        if found is not None:
            return found
        name = layout.pack_name(pack)
        if start is None:
            start = self._start(pack, partial(self.repository.store.read, name))
        packs.check_epochs(start, self.repository.config, name)
        if start.prologue.kind != kind:
            raise Damaged(name, "is a pack of another kind than its blobs")
        found = packs.open_key(start, entry.key, self.repository.key, name)
        with self._lock:
            self._ciphers[pack, entry.key] = found
        return found

    def _start(self, pack: bytes, read: Callable[[int, int], bytes]) -> Start:
        """What stands before the blobs of a pack, from now on. Raises Damaged."""
        start = packs.read_start(read, self.repository.config.repository, layout.pack_name(pack))
        with self._lock:
            self._starts[pack] = start
        return start


def _part(raw: bytes, offset: int, length: int) -> bytes:
    return raw[offset : offset + length]


def read_index(repository: Repository, name: bytes) -> list[Written]:
    """What one index lists. Raises Damaged, Missing, KeyRefused."""
    return index.read(repository.store.read(layout.index_name(name)), name, repository.key)
