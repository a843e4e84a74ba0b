"""Directories and files that a save has met and that aren't whole yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from backup.engine.format.trees import Node
from backup.engine.ordered import OrderedHash
from backup.engine.saving.folders import Entry, Row
from backup.engine.sources.base import Item


@dataclass(slots=True)
class Folder:
    """A directory whose entries are being filled. `waiting` counts what isn't in yet, its own listing among it."""

    path: bytes
    item: Item | None
    node: Node
    parent: Folder | None
    place: int
    entries: list[Entry | None] = field(default_factory=list)
    waiting: int = 1
    row: Row | None = None
    same: bool = True
    """Whether every entry so far is the one that its row holds."""
    content: bytes = b""
    depth: int = 0
    needs: bytes = b""


@dataclass(slots=True)
class File:
    """A file on its way: where its entry stands, and the ids of its pieces."""

    item: Item
    folder: Folder
    place: int
    ids: list[bytes]
    node: Node | None = None
    whole: OrderedHash | None = None
    """Of a file that comes in several pieces."""
    waiting: int = 1
