"""What can be saved: a tree of items, each looked at and opened when its turn comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from backup.engine.errors import BackupError
from backup.engine.format.trees import Node


class Unreadable(BackupError):
    """Something of the source can't be saved; the save goes on without it and says so."""


class SourceFailed(BackupError):
    """The source as a whole failed (a program that was to write a dump ended badly): there is no snapshot of it."""


@dataclass(slots=True)
class Item:
    """One name in a directory, as cheaply as it can be had."""

    name: bytes
    kind: str
    """The letter of its node."""
    handle: Any
    """What the source needs to find it again."""
    size: int = 0
    """A guess, for files."""
    stamp: bytes | None = None
    """Equal as long as nothing of it, mode and owner included, has changed: it isn't looked at again. None: look."""


class Content(Protocol):
    """A file being read."""

    @property
    def extents(self) -> list[tuple[int, int]] | None:
        """Of a file with holes: offset and length of what it hands out, complete once it was read to its end."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer as far as it goes; 0 at the end. Raises OSError, Unreadable, SourceFailed."""

    def steady(self) -> bool:
        """Whether what was read is one state of the file: it didn't change meanwhile."""

    def close(self) -> None: ...


class Source(Protocol):
    label: str
    """The name of the row of snapshots."""
    paths: tuple[bytes, ...]
    """What was asked for, for people."""
    parallel: bool
    """Whether `node`, `open` and `read` may be called from any thread."""

    def root(self) -> Any:
        """The handle of the root directory."""

    def children(self, handle: Any) -> Iterable[Item | Unreadable]:
        """What a directory holds, ascending by the bytes of the names. Raises OSError or Unreadable."""

    def node(self, item: Item) -> Node:
        """The node of an item, without content (FORMAT.md, section 8). Raises OSError or Unreadable."""

    def open(self, item: Item) -> Content:
        """The content of a file. Raises OSError or Unreadable."""

    def read(self, item: Item) -> tuple[bytes, bool]:
        """The whole content of a small file without holes, and whether it was steady. Raises OSError or Unreadable."""


def blocks(content: Content, size: int) -> Iterator[memoryview]:
    """A content in pieces of `size` bytes, the last one shorter; each lies in memory of its own."""
    while True:
        buffer = memoryview(bytearray(size))
        filled = 0
        while filled < size and (count := content.readinto(buffer[filled:])):
            filled += count
        if filled:
            yield buffer[:filled]
        if filled < size:
            return


def is_text(name: str) -> bool:
    """Whether a name that the system gave was UTF-8: other bytes stand in it as lone surrogates."""
    return not any("\ud800" <= sign <= "\udfff" for sign in name)
