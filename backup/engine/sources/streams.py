"""Files that aren't in a file system: named streams that a program hands out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol

from backup.engine.format import cipher
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.sources.base import Content, Item, SourceFailed, Unreadable, blocks, is_text

_BLOCK = 1 << 20


class Readable(Protocol):
    """What a stream must be able to do once it is open."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Stream:
    """A file by its path in the tree: how to open it, and what tells whether it changed."""

    path: str
    open: Callable[[], Readable]
    size: int = 0
    modified: int = 0
    signature: bytes | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    """Facts kept with the file, in its sealed node."""


class StreamSource:
    """Named streams as a tree of files; each is opened once, in the thread that saves."""

    parallel = False

    def __init__(self, label: str, streams: Sequence[Stream]) -> None:
        self.label = label
        self.paths: tuple[bytes, ...] = ()
        self._tree: dict[str, Any] = {}
        for stream in streams:
            self._place(stream)

    def root(self) -> dict[str, Any]:
        return self._tree

    def children(self, handle: dict[str, Any]) -> Iterator[Item | Unreadable]:
        for name in sorted(handle, key=str.encode):
            what = handle[name]
            if isinstance(what, Stream):
                yield Item(name.encode(), FILE, what, what.size, _stamp(what))
            else:
                yield Item(name.encode(), DIRECTORY, what)

    def node(self, item: Item) -> Node:
        if isinstance(item.handle, Stream):
            stream = item.handle
            node = {"n": item.name, "t": FILE, "m": 0o600, "mt": stream.modified}
            return node | {"a": dict(stream.about)} if stream.about else node
        return {"n": item.name, "t": DIRECTORY, "m": 0o700, "mt": 0}

    def open(self, item: Item) -> Content:
        return _StreamContent(item.handle.open())

    def read(self, item: Item) -> tuple[bytes, bool]:
        with closing(self.open(item)) as content:
            return b"".join(blocks(content, _BLOCK)), content.steady()

    def _place(self, stream: Stream) -> None:
        *folders, name = stream.path.split("/")
        if any(part in ("", ".", "..") or "\0" in part or not is_text(part) for part in (*folders, name)):
            raise ValueError(f"{stream.path!r} is no path of a stream")
        place = self._tree
        for folder in folders:
            place = place.setdefault(folder, {})
            if isinstance(place, Stream):
                raise ValueError(f"{stream.path!r} lies in a file")
        if name in place:
            raise ValueError(f"{stream.path!r} comes twice")
        place[name] = stream


class _StreamContent:
    extents: list[tuple[int, int]] | None = None

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def readinto(self, buffer: memoryview, /) -> int:
        return self._stream.readinto(buffer) or 0

    def steady(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()


def standard_input(path: str, *, now: int) -> Stream:
    """What comes in by standard input, as a file of this path."""
    return Stream(path, lambda: _Kept(sys.stdin.buffer), modified=now)


class _Kept:
    """A stream that isn't ours to close."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readinto(self, buffer: memoryview, /) -> int:
        try:
            count: int = self._stream.readinto(buffer)
        except OSError as error:
            raise SourceFailed(f"standard input can't be read: {error.strerror}") from error
        return count

    def close(self) -> None:
        """It stays open."""


def _stamp(stream: Stream) -> bytes | None:
    """Tells the content by its signature, and what is kept with it."""
    if stream.signature is None:
        return None
    return cipher.digest(cipher.pack([stream.signature, stream.modified, dict(stream.about)]))
