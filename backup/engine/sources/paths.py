"""Several paths, each where it stands in the tree of the system: `/srv/data` is `srv/data` below the root."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from backup.engine.format.trees import ASKED_FOR, IN_PART, Node
from backup.engine.sources.base import Item, SourceFailed, Unreadable
from backup.engine.sources.files import Files
from backup.engine.sources.opening import HOLDING, LISTED, open_listed, shown, unreadable
from backup.engine.sources.rules import EVERYTHING, Rules


class PathsSource(Files):
    """Folders and files by their paths; one that lies in another comes once. What was asked for is never left out.

    Links above what was asked for are resolved: it is saved where it really lies. The folders above it are saved too,
    with nothing else of what they hold.
    """

    def __init__(
        self, label: str, paths: Sequence[str | bytes | os.PathLike[str]], *, now: int, rules: Rules = EVERYTHING
    ) -> None:
        super().__init__(b"/", rules, now)
        self.label = label
        self.paths = tuple(os.path.abspath(os.fsencode(path)) for path in paths)  # noqa: PTH100 (names in bytes)
        wanted: set[bytes] = set()
        for path in sorted({_resolved(os.fsencode(path)) for path in paths}):
            if not any(above in wanted for above in _above(path)):
                wanted.add(path)
        self._wanted = frozenset(wanted)
        self._between: dict[bytes, set[bytes]] = {}
        for path in wanted:
            below = path
            for above in _above(path):
                self._between.setdefault(above, set()).add(below[len(above.rstrip(b"/")) + 1 :])
                below = above

    def root(self) -> LISTED:
        devices = {os.lstat(path).st_dev for path in self._wanted if os.path.lexists(path)}
        if not devices:
            raise SourceFailed("There is nothing at " + ", ".join(map(shown, self.paths)))
        if self._rules.one_file_system:
            self._mounted = frozenset(devices)
        return b"/", None

    def children(self, handle: LISTED) -> Iterator[Item | Unreadable]:
        names = self._between.get(handle[0])
        if names is None:
            yield from super().children(handle)
            return
        prefix = handle[0].rstrip(b"/") + b"/"
        folder = open_listed(self._anchor, handle, HOLDING)
        try:
            for name in sorted(names):
                try:
                    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
                except OSError as error:
                    yield unreadable(prefix + name, error)
                else:
                    self._devices.setdefault(status.st_dev, len(self._devices))
                    item = self._item(name, prefix + name, status)
                    if item.stamp is not None:  # what is asked for may change, and its node then
                        item.stamp += self._how_far(prefix + name).encode()
                    yield item
        finally:
            os.close(folder)

    def node(self, item: Item) -> Node:
        node = super().node(item)
        if how_far := self._how_far(item.handle[0]):
            node["a"] = {ASKED_FOR: how_far}
        if how_far == IN_PART:  # its times are those of things that weren't asked for
            node["mt"] = 0
            node.pop("at", None)
        return node

    def _how_far(self, path: bytes) -> str:
        """Whether a path was asked for, or something below it."""
        return "yes" if path in self._wanted else IN_PART if path in self._between else ""


def _resolved(path: bytes) -> bytes:
    """The path without links above its last name: that is what was asked for, unless a slash behind it follows it."""
    parent, name = os.path.split(path)
    if name in (b"", b".", b".."):
        return os.path.realpath(path)
    return os.path.join(os.path.realpath(parent), name)  # noqa: PTH118 (names in bytes)


def _above(path: bytes) -> Iterator[bytes]:
    """The folders that a path lies in, from the nearest to the root."""
    while path != b"/":
        path = os.path.dirname(path)  # noqa: PTH120 (names in bytes)
        yield path
