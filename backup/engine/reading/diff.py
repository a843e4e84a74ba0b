"""Compare two snapshots, or parts of them: folders with equal trees aren't even read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from backup.engine.format import cipher
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.reading.bound import Bound
from backup.engine.reading.catalogue import Catalogue

ADDED, REMOVED, CONTENT, METADATA, KIND = "added", "removed", "content", "metadata", "kind"
_CONTENT = ("s", "c", "p", "h", "e", "l", "r")
_METADATA = ("m", "mt", "u", "g", "un", "gn", "x", "a")
_OF_FOLDERS = ("m", "u", "g", "un", "gn", "x", "a")
"""The time of a folder changes with every name in it, and those are told."""


@dataclass(frozen=True, slots=True)
class Change:
    path: bytes
    what: str
    """`added`, `removed`, `content` (perhaps with metadata), `metadata`, `kind` (as when a file became a folder)."""
    before: Node | None
    after: Node | None
    fields: tuple[str, ...] = ()
    """The keys of the node that differ."""


@dataclass
class Statistics:
    """What a row of changes comes to."""

    files: dict[str, int] = field(default_factory=lambda: dict.fromkeys((ADDED, REMOVED, CONTENT, METADATA, KIND), 0))
    directories: dict[str, int] = field(default_factory=lambda: dict.fromkeys((ADDED, REMOVED, METADATA, KIND), 0))
    others: dict[str, int] = field(default_factory=lambda: dict.fromkeys((ADDED, REMOVED, CONTENT, METADATA, KIND), 0))
    bytes_added: int = 0
    """Sizes of the files that were added, or are new contents."""
    bytes_removed: int = 0

    def count(self, change: Change) -> None:
        node = change.after or change.before
        assert node is not None
        row = {FILE: self.files, DIRECTORY: self.directories}.get(node["t"], self.others)
        row[change.what] += 1
        if change.what != METADATA:
            self.bytes_added += _size(change.after)
            self.bytes_removed += _size(change.before)


def compare(before: Catalogue, after: Catalogue, path_before: bytes = b"", path_after: bytes = b"") -> Iterator[Change]:
    """Every change from one to the other, by the paths from there. Raises Missing, Damaged."""
    return _Comparison(before, after).run(before.find(path_before), after.find(path_after))


class _Comparison:
    def __init__(self, before: Catalogue, after: Catalogue) -> None:
        self._before, self._after = before, after
        self._bounds = Bound(before.snapshot), Bound(after.snapshot)
        config = after.repository.config
        audiences = [config.audience(one.snapshot.head.author) for one in (before, after)]
        self._comparable = audiences[0] == audiences[1] and (
            before.repository.key.repository == after.repository.key.repository
        )
        """Whether equal ids mean equal contents, and others other ones: not from one isolated writer to the next."""

    def run(self, before: Node, after: Node) -> Iterator[Change]:
        if before["t"] != DIRECTORY or after["t"] != DIRECTORY:
            yield from self._pair(after["n"], before, after, [])
            return
        waiting: list[tuple[bytes, Node | None, Node | None]] = [(b"", before, after)]
        while waiting:
            path, old, new = waiting.pop()
            below: list[tuple[bytes, Node | None, Node | None]] = []
            for one, other in self._merged(old, new):
                name = (other or one or {})["n"]
                yield from self._pair(path + name, one, other, below)
            waiting.extend(reversed(below))

    def _merged(self, old: Node | None, new: Node | None) -> Iterator[tuple[Node | None, Node | None]]:
        """The names of two folders side by side: both come in order."""
        if old is not None and new is not None and self._comparable and _same(old, new, ("c", "p")):
            return
        of_old, of_new = self._bounds
        ones = of_old.of(self._before.nodes(old)) if old is not None else iter(())
        others = of_new.of(self._after.nodes(new)) if new is not None else iter(())
        one, other = next(ones, None), next(others, None)
        while one is not None or other is not None:
            if other is None or (one is not None and one["n"] < other["n"]):
                yield one, None
                one = next(ones, None)
            elif one is None or other["n"] < one["n"]:
                yield None, other
                other = next(others, None)
            else:
                yield one, other
                one, other = next(ones, None), next(others, None)

    def _pair(
        self,
        path: bytes,
        one: Node | None,
        other: Node | None,
        below: list[tuple[bytes, Node | None, Node | None]],
    ) -> Iterator[Change]:
        """What happened to one name; folders are to be entered later."""
        was_folder, is_folder = (node is not None and node["t"] == DIRECTORY for node in (one, other))
        if one is None or other is None:
            yield Change(path, ADDED if one is None else REMOVED, one, other)
        elif one["t"] != other["t"]:
            yield Change(path, KIND, one, other, ("t",))
        else:
            content = () if is_folder else self._content(one, other)
            metadata = _differing(one, other, _OF_FOLDERS if is_folder else _METADATA)
            if content or metadata:
                yield Change(path, CONTENT if content else METADATA, one, other, content + metadata)
        if was_folder or is_folder:
            below.append((path + b"/", one if was_folder else None, other if is_folder else None))

    def _content(self, one: Node, other: Node) -> tuple[str, ...]:
        if self._comparable or one["t"] != FILE:
            return _differing(one, other, _CONTENT)
        fields = _differing(one, other, ("s", "e"))
        if not fields and _digest(self._before, one) != _digest(self._after, other):
            return ("h",)
        return fields


def _digest(catalogue: Catalogue, node: Node) -> bytes:
    """The hash of a content; of a file in one piece, whose node doesn't have it, it takes reading."""
    digest: bytes = node.get("h") or cipher.digest(*catalogue.content(node))
    return digest


def _differing(one: Node, other: Node, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in keys if one.get(key) != other.get(key))


def _same(one: Node, other: Node, keys: tuple[str, ...]) -> bool:
    return not _differing(one, other, keys)


def _size(node: Node | None) -> int:
    size: int = node.get("s", 0) if node is not None else 0
    return size
