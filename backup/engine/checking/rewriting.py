"""Write the trees of a snapshot anew without what is lost, as a writer of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from backup.engine.checking.opened import SECRETS, pack_kind
from backup.engine.checking.packing import Packing
from backup.engine.checking.view import View
from backup.engine.checking.walk import CONTENT, check_file
from backup.engine.errors import Damaged
from backup.engine.format import blobs, cipher, layout, trees
from backup.engine.format.cipher import Bytes
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Counts
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.repository import Repository


@dataclass
class Rewritten:
    """A tree that can be read whole, and what had to be left out of it."""

    root: bytes
    depth: int
    counts: Counts
    losses: list[tuple[bytes, Damaged]]


@dataclass
class _Directory:
    path: bytes
    node: Node
    nodes: list[Node] = field(default_factory=list)
    below: list[Node] = field(default_factory=list)
    changed: bool = False


class Rewriter:
    """Trees that change are stored anew; in an isolated repository all content is, under the writer's own ids."""

    def __init__(self, view: View, writer: Repository, *, dry_run: bool) -> None:
        self._view, self._writer = view, writer
        self._anew = writer.config.isolated
        self._packing = {kind: Packing(writer, kind, keep=not dry_run) for kind in (layout.DATA_PACK, layout.META_PACK)}
        self._stored: set[bytes] = set()

    def rewrite(self, root: Node, without: Collection[bytes] = ()) -> Rewritten:
        """Write what can be read below a directory, in the view as it was entered, but for these paths."""
        self._losses: list[tuple[bytes, Damaged]] = []
        self._files = self._directories = self._others = self._bytes = 0
        stack = [self._open(_Directory(b"", dict(root)), without)]
        while True:
            directory = stack[-1]
            if directory.below:
                node = directory.below.pop()
                path = directory.path + node["n"] + b"/"
                stack.append(self._open(_Directory(path, node), without))
                continue
            stack.pop()
            if directory.changed or self._anew:
                parts = trees.split(cipher.pack(node) for node in directory.nodes)
                self._set_content(directory.node, b"".join(self._store(blobs.TREE, part) for part in parts))
            if not stack:
                break
            stack[-1].changed |= directory.changed
        counts = Counts(self._files, self._directories, self._others, self._bytes)
        return Rewritten(directory.node["c"], directory.node.get("p", 0), counts, self._losses)

    def close(self) -> list[Written]:
        """Write what waits: every pack that was written."""
        for packing in self._packing.values():
            packing.close()
        return [pack for packing in self._packing.values() for pack in packing.written]

    def _open(self, directory: _Directory, without: Collection[bytes]) -> _Directory:
        """Take what can be read of a directory; the directories in it wait below."""
        self._directories += 1
        for node in self._nodes(directory):
            path = directory.path + node["n"]
            if node["t"] == FILE and not self._take(path, node, path in without):
                directory.changed = True
                continue
            if node["t"] == DIRECTORY:
                directory.below.append(node)
            elif node["t"] != FILE:
                self._others += 1
            directory.nodes.append(node)
        return directory

    def _nodes(self, directory: _Directory) -> Iterator[Node]:
        """The nodes of a directory, tree by tree: one that is lost doesn't take the others with it."""
        after: bytes | None = None
        try:
            for id_ in self._view.ids(directory.node):
                try:
                    nodes = trees.parse(self._view.read(id_, blobs.TREE), after, f"tree {id_.hex()[:16]}")
                except Damaged as error:
                    self._lose(directory, error)
                    continue
                for node in nodes:
                    after = node["n"]
                    yield node
        except Damaged as error:
            self._lose(directory, error)

    def _lose(self, directory: _Directory, error: Damaged) -> None:
        directory.changed = True
        self._losses.append((directory.path or b"/", error))

    def _take(self, path: bytes, node: Node, is_lost: bool) -> bool:
        """Whether a file stays; in an isolated repository its content is stored under this writer's ids."""
        try:
            if is_lost:
                raise Damaged(CONTENT, "isn't the file that was saved")
            check_file(self._view, node)
            if self._anew:
                self._set_content(node, b"".join(self._store(blobs.DATA, one) for one in self._view.content(node)))
        except Damaged as error:
            self._losses.append((path, error))
            return False
        self._files += 1
        self._bytes += node["s"]
        return True

    def _set_content(self, node: Node, ids: bytes) -> None:
        node["c"], depth = trees.fold(ids, lambda part: self._store(blobs.LIST, part))
        node.pop("p", None)
        if depth:
            node["p"] = depth

    def _store(self, type_: int, content: Bytes) -> bytes:
        """The id of a blob that this writer has stored."""
        id_ = blobs.identify(content, self._writer.key.knows(SECRETS[type_]))
        if id_ not in self._stored:
            self._stored.add(id_)
            self._packing[pack_kind(type_)].add(type_, id_, content)
        return id_
