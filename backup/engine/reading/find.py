"""Find names in snapshots."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from backup.engine.errors import Damaged
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.reading.bound import Bound
from backup.engine.reading.catalogue import Catalogue
from backup.engine.sources.patterns import Patterns

Found = tuple[bytes, Node]
"""A path, and what has it."""
_Key = tuple[bytes, bytes, int]
"""A folder: its path, and what its node says of its content."""
_Entry = tuple[bytes, Node, bool]
"""A path, what has it, and whether it fits."""


@dataclass(frozen=True)
class Query:
    """What is looked for: all that is said must hold."""

    patterns: Patterns | None = None
    kinds: frozenset[str] = frozenset()
    """Letters of nodes; none for all."""
    at_least: int | None = None
    """Bytes; only files have a size."""
    at_most: int | None = None
    since: int | None = None
    """Changed then or later, in nanoseconds since 1970."""
    before: int | None = None

    def fits(self, path: bytes, node: Node) -> bool:
        kind = node["t"]
        if self.kinds and kind not in self.kinds:
            return False
        if self.patterns is not None and not self.patterns.match(os.fsdecode(path), is_folder=kind == DIRECTORY):
            return False
        if (self.at_least is not None or self.at_most is not None) and kind != FILE:
            return False
        if self.at_least is not None and node["s"] < self.at_least:
            return False
        if self.at_most is not None and node["s"] > self.at_most:
            return False
        if self.since is not None and node["mt"] < self.since:
            return False
        return self.before is None or bool(node["mt"] < self.before)


def find(
    catalogue: Catalogue, query: Query, trouble: Callable[[bytes, Damaged], None] | None = None, *, path: bytes = b""
) -> Iterator[Found]:
    """What fits below a path, by the paths from the root. Raises Missing; Damaged unless `trouble` takes it."""
    top = catalogue.find(path)
    prefix = path.strip(b"/") + b"/" if path.strip(b"/") else b""
    if top["t"] != DIRECTORY:
        if query.fits(prefix[:-1], top):
            yield prefix[:-1], top
        return
    for below, node in catalogue.walk(trouble, top):
        if query.fits(prefix + below, node):
            yield prefix + below, node


def find_in_all(
    catalogues: Iterable[Catalogue], query: Query, trouble: Callable[[bytes, Damaged], None]
) -> Iterator[tuple[Snapshot, Found]]:
    """What fits in a row of snapshots. A folder that is as it was in the one before isn't read again."""
    known: dict[_Key, list[_Entry]] = {}
    for catalogue in catalogues:
        seen: dict[_Key, list[_Entry]] = {}
        bound = Bound(catalogue.snapshot)
        waiting = [(b"", catalogue.root())]
        while waiting and not bound.is_met:
            path, folder = waiting.pop()
            key = (path, folder["c"], folder.get("p", 0))
            entries = known.get(key)
            if entries is None:
                entries = _entries(bound.of(catalogue.nodes(folder)), path, query, trouble)
            seen[key] = entries
            waiting.extend((place + b"/", node) for place, node, _ in reversed(entries) if node["t"] == DIRECTORY)
            yield from ((catalogue.snapshot, (place, node)) for place, node, fits in entries if fits)
        known = seen


def _entries(
    nodes: Iterator[Node], path: bytes, query: Query, trouble: Callable[[bytes, Damaged], None]
) -> list[_Entry]:
    """What fits of a folder, and the folders in it."""
    found = []
    try:
        for node in nodes:
            fits = query.fits(path + node["n"], node)
            if fits or node["t"] == DIRECTORY:
                found.append((path + node["n"], node, fits))
    except Damaged as error:
        trouble(path, error)
    return found
