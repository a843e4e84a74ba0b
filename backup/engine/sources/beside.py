"""Paths with streams beside them: one snapshot of a machine's files and of its databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from backup.engine.format.chunker import SMALLEST
from backup.engine.format.trees import DIRECTORY, STREAMS, Node
from backup.engine.sources.base import Content, Item, SourceFailed, Unreadable
from backup.engine.sources.paths import PathsSource
from backup.engine.sources.streams import Stream, StreamSource

FOLDER = "streams"
"""Where the streams lie, at the top of the tree, beside what lies at the top of the machine."""


class StreamsBesidePaths:
    """Each thing is left to the source that it is from: handles tell whose they are.

    A stream is cut while it is read, in the thread that walks, whatever its size: nobody knows it before. One that
    fails lets the whole fail, as it would alone.
    """

    parallel = True

    def __init__(self, paths: PathsSource, streams: Sequence[Stream]) -> None:
        """Raises ValueError for a stream that has no place."""
        self.label, self.paths = paths.label, paths.paths
        self._files, self._streams = paths, StreamSource(paths.label, streams)

    def root(self) -> Any:
        return self._files.root()

    def children(self, handle: Any) -> Iterator[Item | Unreadable]:
        if isinstance(handle, dict):
            for item in self._streams.children(handle):
                assert isinstance(item, Item)
                item.size = max(item.size, SMALLEST + 1)  # smaller files are read whole, and by several threads
                yield item
        elif handle[0] == b"/":
            yield from self._at_the_top(handle)
        else:
            yield from self._files.children(handle)

    def node(self, item: Item) -> Node:
        node = self._of(item).node(item)
        return node | {"a": {STREAMS: "yes"}} if item.handle is self._streams.root() else node

    def open(self, item: Item) -> Content:
        return self._of(item).open(item)

    def read(self, item: Item) -> tuple[bytes, bool]:
        return self._of(item).read(item)

    def _at_the_top(self, handle: Any) -> Iterator[Item | Unreadable]:
        """What lies there by its names in order, the folder of streams in its place."""
        folder: Item | None = Item(FOLDER.encode(), DIRECTORY, self._streams.root())
        for item in self._files.children(handle):
            if folder is not None and isinstance(item, Item) and item.name >= folder.name:
                if item.name == folder.name:
                    raise SourceFailed(f"/{FOLDER} is where streams lie: save it under a source of its own")
                yield folder
                folder = None
            yield item
        if folder is not None:
            yield folder

    def _of(self, item: Item) -> PathsSource | StreamSource:
        return self._files if isinstance(item.handle, tuple) else self._streams
