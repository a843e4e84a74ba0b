"""Walk the trees of snapshots: every id is there with the right type, sizes add up, files have their hash."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from blake3 import blake3

from backup.engine.checking.holdings import Bits, Holdings
from backup.engine.checking.opened import Opened, pack_kind, read_whole
from backup.engine.checking.report import MOST_NAMED
from backup.engine.errors import Damaged
from backup.engine.format import blobs, cipher, trees
from backup.engine.format.blobs import Entry
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.repository import Repository

_AT_HAND = 8
"""Packs of trees that are kept whole: trees of one save lie beside each other."""
_OPENED = 1024


@dataclass
class Losses:
    """What a snapshot can't give back: paths (those of directories end with a slash) and why."""

    found: list[tuple[bytes, Damaged]] = field(default_factory=list)
    more: bool = False


@dataclass
class _Directory:
    path: bytes
    mark: int | bytes | None
    """What remembers that everything below is whole."""
    below: list[tuple[bytes, Node]] = field(default_factory=list)
    whole: bool = True


class Walk:
    """Directories that snapshots share are walked once, as long as they are whole."""

    def __init__(
        self,
        repository: Repository,
        holdings: Holdings,
        *,
        trouble: Callable[[Damaged], None] = lambda _damaged: None,
        lost: Callable[[bytes, int], None] = lambda _id, _type: None,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """`trouble` hears what reading trees shows of packs, `lost` of each blob that can't be had, and its type."""
        self._repository, self._holdings = repository, holdings
        self._trouble, self._lost, self._tick = trouble, lost, tick
        self._audience: bytes | None = None
        self._indexes: frozenset[bytes] = frozenset()
        self._allowed = bytearray()
        self._unlisted: Damaged | None = None
        self._hashes = False
        self._whole = Bits(len(holdings))
        self._whole_others: set[bytes] = set()
        self._hashed: set[bytes] = set()
        self._packs: OrderedDict[int, Opened] = OrderedDict()
        self._at_hand: OrderedDict[int, Opened] = OrderedDict()

    def snapshot(self, snapshot: Snapshot, indexes: Iterable[bytes], *, hashes: bool) -> Losses:
        """What is lost of a snapshot that is read with these indexes. With `hashes` every file's is compared."""
        self._begin(snapshot, frozenset(indexes))
        self._hashes = hashes
        losses = Losses()
        root = {"t": DIRECTORY, "n": b"", "c": snapshot.root, "p": snapshot.depth}
        stack = [] if self._is_whole(self._mark(root)) else [self._directory(b"", root, losses)]
        while stack:
            directory = stack[-1]
            if directory.below:
                path, node = directory.below.pop()
                if self._is_whole(self._mark(node)):
                    continue
                if len(losses.found) >= MOST_NAMED:
                    losses.more = True
                    break
                self._tick()
                stack.append(self._directory(path, node, losses))
            else:
                stack.pop()
                if directory.whole:
                    self._keep(directory.mark)
                elif stack:
                    stack[-1].whole = False
        return losses

    def content(self, node: Node) -> Iterator[bytes]:
        """The pieces of a file of the snapshot that was walked last. Raises Damaged."""
        return (self.read(id_, blobs.DATA) for id_ in self.ids(node))

    def ids(self, node: Node) -> Iterator[bytes]:
        """The ids of the content of a file or a directory of the snapshot that was walked last. Raises Damaged."""
        return trees.unfold(node["c"], node.get("p", 0), lambda id_: self.read(id_, blobs.LIST))

    def read(self, id_: bytes, type_: int) -> bytes:
        """A blob, from the first copy that is sound. Raises Damaged."""
        while True:
            number, ordinal, entry = self._place(id_, type_)
            try:
                return self._opened(number, type_).content(entry, type_, self._audience)
            except Damaged as error:
                self._holdings.broken[ordinal] = error
                self._trouble(error)

    def _begin(self, snapshot: Snapshot, indexes: frozenset[bytes]) -> None:
        """Which listings count; what was found whole with fewer of them stays so with more."""
        holdings = self._holdings
        audience = self._repository.config.audience(snapshot.head.author)
        if audience != self._audience or not indexes >= self._indexes:
            self._whole, self._whole_others = Bits(len(holdings)), set()
            self._hashed = set()
        self._audience, self._indexes = audience, indexes
        self._allowed = bytearray(len(holdings.listings))
        self._unlisted = None
        for index in indexes:
            self._unlisted = self._unlisted or holdings.lost_indexes.get(index)
            for number in holdings.numbers(index, audience):
                self._allowed[number] = 1

    def _directory(self, path: bytes, node: Node, losses: Losses) -> _Directory:
        """Look at everything a directory holds but the directories in it."""
        directory = _Directory(path, self._mark(node))
        after: bytes | None = None
        try:
            for id_ in self.ids(node):
                for child in trees.parse(self.read(id_, blobs.TREE), after, f"tree {id_.hex()[:16]}"):
                    after = child["n"]
                    if child["t"] == DIRECTORY:
                        directory.below.append((path + child["n"] + b"/", child))
                    elif child["t"] == FILE:
                        self._look(path + child["n"], child, directory, losses)
        except Damaged as error:
            directory.whole = False
            losses.found.append((path or b"/", error))
        directory.below.reverse()
        return directory

    def _look(self, path: bytes, node: Node, directory: _Directory, losses: Losses) -> None:
        try:
            self._file(node)
        except Damaged as error:
            directory.whole = False
            losses.found.append((path, error))

    def _file(self, node: Node) -> None:
        """Raises Damaged where a file can't be had as it was saved."""
        size = 0
        trouble: Damaged | None = None
        for id_ in self.ids(node):
            try:
                entry = self._place(id_, blobs.DATA)[2]
            except Damaged as error:
                trouble = trouble or error  # the others may be lost as well
                continue
            size += entry.length
        if trouble is not None:
            raise trouble
        if size != _dense(node):
            raise Damaged("content", "its pieces don't have its size")
        if self._hashes and "h" in node and not self._has_hash(node):
            raise Damaged("content", "isn't the file that was saved: its hash is another")

    def _has_hash(self, node: Node) -> bool:
        seen = cipher.digest(node["c"], node["h"], bytes([node.get("p", 0)]))[:16]
        if seen in self._hashed:
            return True
        state = blake3()
        for piece in self.content(node):
            state.update(piece)
        if state.digest() != node["h"]:
            return False
        self._hashed.add(seen)
        return True

    def _place(self, id_: bytes, type_: int) -> tuple[int, int, Entry]:
        """Where a blob lies: the listing, the ordinal and the entry. Raises Damaged where no sound copy is known."""
        holdings = self._holdings
        why: Damaged | None = None
        best: tuple[int, int, Entry] | None = None
        for number, ordinal, entry in holdings.find(id_):
            if not self._allowed[number]:
                continue
            trouble = holdings.trouble(number, ordinal)
            if trouble is None and (entry.type != type_ or holdings.listings[number].pack.kind != pack_kind(type_)):
                name = holdings.listings[number].name
                trouble = Damaged(name, "a blob is of another type than its place calls for")
            if trouble is None:
                holdings.needed.add(number)  # every place: one that wasn't read yet may turn out to be rubbish
                best = best or (number, ordinal, entry)
            why = why or trouble
        if best is not None:
            return best
        self._lost(id_, type_)
        raise why or self._unlisted or Damaged(f"blob {id_.hex()[:16]}", "no index of the snapshot lists it")

    def _opened(self, number: int, type_: int) -> Opened:
        """A pack: of trees whole, of data only its keys."""
        whole = type_ != blobs.DATA
        known, most = (self._at_hand, _AT_HAND) if whole else (self._packs, _OPENED)
        opened = known.get(number)
        if opened is None:
            listing = self._holdings.listings[number]
            raw = read_whole(self._repository, listing.name) if whole else None
            opened = known[number] = Opened(self._repository, listing.pack.name, raw)
            if len(known) > most:
                known.popitem(last=False)
        else:
            known.move_to_end(number)
        return opened

    # What was found whole already

    def _mark(self, node: Node) -> int | bytes | None:
        """What remembers a directory: the ordinal of its one tree, or the digest of its list of them."""
        ids, depth = node["c"], node.get("p", 0)
        if len(ids) == 32 and depth == 0:
            for number, ordinal, _ in self._holdings.find(ids):
                if self._allowed[number]:
                    return ordinal
            return None
        return cipher.digest(cipher.pack([ids, depth]))[:16]

    def _is_whole(self, mark: int | bytes | None) -> bool:
        return mark in self._whole if isinstance(mark, int) else mark in self._whole_others

    def _keep(self, mark: int | bytes | None) -> None:
        if isinstance(mark, int):
            self._whole.add(mark)
        elif mark is not None:
            self._whole_others.add(mark)


def _dense(node: Node) -> int:
    """How many bytes the pieces of a file must have together. Raises Damaged."""
    size: int = node["s"]
    extents = node.get("e")
    if extents is None:
        return size
    try:
        ends = [(offset, offset + length) for offset, length in extents]
        ordered = all(end <= offset for (_, end), (offset, _) in pairwise([(0, 0), *ends, (size, size)]))
        if not ordered or any(end < start for start, end in ends):
            raise Damaged("content", "its holes aren't in order")
        return sum(end - start for start, end in ends)
    except (TypeError, ValueError) as error:
        raise Damaged("content", "its holes aren't readable") from error
