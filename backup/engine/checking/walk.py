"""Walk the trees of snapshots: every id is there with the right type, sizes add up, files have their hash."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from blake3 import blake3

from backup.engine.checking.holdings import Bits, Holdings
from backup.engine.checking.report import MOST_NAMED
from backup.engine.checking.view import View
from backup.engine.errors import Damaged
from backup.engine.format import blobs, cipher, trees
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.repository import Repository

CONTENT = "content"
"""What is at fault where every blob of a file is there, and the file isn't what it should be."""


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
        self, repository: Repository, holdings: Holdings, view: View, *, tick: Callable[[], None] = lambda: None
    ) -> None:
        self._repository, self._holdings, self._view, self._tick = repository, holdings, view, tick
        self._seen_by: tuple[bytes | None, frozenset[bytes]] = (None, frozenset())
        self._hashes = False
        self._whole = Bits(len(holdings))
        self._whole_others: set[bytes] = set()
        self._hashed: set[bytes] = set()

    def snapshot(self, snapshot: Snapshot, indexes: Iterable[bytes], *, hashes: bool) -> Losses:
        """What is lost of a snapshot that is read with these indexes. With `hashes` every file's is compared."""
        self._enter(self._repository.config.audience(snapshot.head.author), frozenset(indexes))
        self._hashes = hashes
        losses = Losses()
        root = top(snapshot)
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

    def _enter(self, audience: bytes | None, indexes: frozenset[bytes]) -> None:
        """What was found whole with some indexes stays so with more."""
        before, fewer = self._seen_by
        if audience != before or not indexes >= fewer:
            self._whole, self._whole_others, self._hashed = Bits(len(self._holdings)), set(), set()
        self._seen_by = (audience, indexes)
        self._view.enter(audience, indexes)

    def _directory(self, path: bytes, node: Node, losses: Losses) -> _Directory:
        """Look at everything a directory holds but the directories in it."""
        directory = _Directory(path, self._mark(node))
        after: bytes | None = None
        try:
            for id_ in self._view.ids(node):
                for child in trees.parse(self._view.read(id_, blobs.TREE), after, f"tree {id_.hex()[:16]}"):
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
            check_file(self._view, node)
            if self._hashes and "h" in node and not self._has_hash(node):
                raise Damaged(CONTENT, "isn't the file that was saved: its hash is another")
        except Damaged as error:
            directory.whole = False
            losses.found.append((path, error))

    def _has_hash(self, node: Node) -> bool:
        seen = cipher.digest(node["c"], node["h"], bytes([node.get("p", 0)]))[:16]
        if seen in self._hashed:
            return True
        state = blake3()
        for piece in self._view.content(node):
            state.update(piece)
        if state.digest() != node["h"]:
            return False
        self._hashed.add(seen)
        return True

    # What was found whole already

    def _mark(self, node: Node) -> int | bytes | None:
        """What remembers a directory: the ordinal of its one tree, or the digest of its list of them."""
        ids, depth = node["c"], node.get("p", 0)
        return self._view.ordinal(ids) if len(ids) == 32 and depth == 0 else cipher.digest(cipher.pack([ids, depth]))

    def _is_whole(self, mark: int | bytes | None) -> bool:
        return mark in self._whole if isinstance(mark, int) else mark in self._whole_others

    def _keep(self, mark: int | bytes | None) -> None:
        if isinstance(mark, int):
            self._whole.add(mark)
        elif mark is not None:
            self._whole_others.add(mark)


def top(snapshot: Snapshot) -> Node:
    """The root directory of a snapshot."""
    return {"t": DIRECTORY, "n": b"", "m": 0o700, "mt": 0, "c": snapshot.root, "p": snapshot.depth}


def check_file(view: View, node: Node) -> None:
    """See that every piece of a file is there and that they have its size. Raises Damaged."""
    size = 0
    trouble: Damaged | None = None
    for id_ in view.ids(node):
        try:
            size += view.place(id_, blobs.DATA)[2].length
        except Damaged as error:
            trouble = trouble or error  # the others may be lost as well
    if trouble is not None:
        raise trouble
    if size != (sum(length for _, length in node["e"]) if "e" in node else node["s"]):
        raise Damaged(CONTENT, "its pieces don't have its size")
