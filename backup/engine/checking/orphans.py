"""Trees that nothing names."""

from __future__ import annotations

from collections.abc import Iterator

from backup.engine.checking.survey import Survey
from backup.engine.checking.view import View
from backup.engine.errors import Damaged
from backup.engine.format import blobs, layout, trees
from backup.engine.format.packs import Written
from backup.engine.format.trees import DIRECTORY, Node


class Orphans:
    """Reads every tree and list of some packs once, and remembers what they name."""

    def __init__(self, found: Survey, view: View, packs: list[Written]) -> None:
        self._trees: set[bytes] = set()
        self._lists: dict[bytes, bytes] = {}
        self._named: set[bytes] = set()
        for snapshot in (*found.snapshots, *found.forgotten):
            self._named.update(_ids(snapshot.root))
        for pack in packs:
            if pack.kind == layout.META_PACK:
                for entry in blobs.entries(pack.entries, layout.pack_name(pack.name)):
                    self._read(view, entry.id, entry.type)

    def roots(self) -> Iterator[Node]:
        """The directories that no directory, list or snapshot names."""
        for id_ in self._trees - self._named:
            yield {"t": DIRECTORY, "n": b"", "c": id_}
        for id_ in self._lists.keys() - self._named:
            depth = self._depth(id_)
            if depth:
                yield {"t": DIRECTORY, "n": b"", "c": id_, "p": depth}

    def _read(self, view: View, id_: bytes, type_: int) -> None:
        if id_ in self._trees or id_ in self._lists:
            return
        try:
            content = view.read(id_, type_)
            if type_ == blobs.LIST:
                self._lists[id_] = content
                self._named.update(_ids(content))
            else:
                nodes = trees.parse(content, None, "tree")
                self._trees.add(id_)
                for node in nodes:
                    if node["t"] == DIRECTORY or "p" in node:
                        self._named.update(_ids(node["c"]))
        except Damaged:
            return

    def _depth(self, list_: bytes) -> int:
        """How many lists stand above trees; 0 for a list of something else."""
        depth = 0
        while list_ in self._lists:
            list_ = self._lists[list_][:32]
            depth += 1
        return depth if list_ in self._trees else 0


def _ids(joined: bytes) -> Iterator[bytes]:
    return (joined[start : start + 32] for start in range(0, len(joined), 32))
