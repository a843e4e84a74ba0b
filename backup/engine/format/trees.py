"""Directories as blobs, and files as lists of ids (FORMAT.md, sections 6 and 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from backup.engine.errors import Damaged
from backup.engine.format import cipher

Node = dict[str, Any]
FILE, DIRECTORY, LINK = "f", "d", "l"
FIFO, SOCKET, CHARACTER, BLOCK = "p", "s", "c", "b"
MOST_NODES = 4096
MOST_BYTES = 1 << 20
MOST_IDS = 1024
"""A node holds at most so many ids itself; longer contents go through lists."""
_DEEPEST = 4


def split(nodes: Iterable[bytes]) -> Iterator[bytes]:
    """The tree blobs of a directory from its packed nodes in ascending order of their names; none for an empty one."""
    packed: list[bytes] = []
    size = 0
    for node in nodes:
        packed.append(node)
        size += len(node)
        if len(packed) == MOST_NODES or size >= MOST_BYTES:
            yield _array(packed)
            packed, size = [], 0
    if packed:
        yield _array(packed)


def _array(items: list[bytes]) -> bytes:
    """A msgpack list of values that are packed already."""
    return b"\xdd" + len(items).to_bytes(4, "big") + b"".join(items)


def fold(ids: bytes, store_list: Callable[[bytes], bytes]) -> tuple[bytes, int]:
    """Make a long run of ids short through lists of lists: the ids to keep in the node, and their depth."""
    depth = 0
    while len(ids) > MOST_IDS * 32:
        step = MOST_IDS * 32
        ids = b"".join(store_list(ids[start : start + step]) for start in range(0, len(ids), step))
        depth += 1
    return ids, depth


def unfold(ids: bytes, depth: int, read_list: Callable[[bytes], bytes], name: str = "tree") -> Iterator[bytes]:
    """Every id of a content in order, through its lists."""
    if not isinstance(ids, bytes) or len(ids) % 32 or not isinstance(depth, int) or not 0 <= depth <= _DEEPEST:
        raise Damaged(name, "a list of ids is malformed")
    for start in range(0, len(ids), 32):
        if depth:
            yield from unfold(read_list(ids[start : start + 32]), depth - 1, read_list, name)
        else:
            yield ids[start : start + 32]


def parse(content: bytes, after: bytes | None, name: str) -> list[Node]:
    """The nodes of a tree blob. Raises Damaged for a name that could lead out of its directory or hides another.

    `after` is the last name of the blob before it in the same directory.
    """
    nodes = cipher.unpack(content, name)
    if not isinstance(nodes, list):
        raise Damaged(name, "a tree isn't a list")
    for node in nodes:
        if not isinstance(node, dict) or not _sound(node):
            raise Damaged(name, "a tree holds a node that no writer makes")
        if after is not None and node["n"] <= after:
            raise Damaged(name, "the names of a tree aren't in order")
        after = node["n"]
    return nodes


def _sound(node: Node) -> bool:
    label = node.get("n")
    return (
        isinstance(label, bytes)
        and label not in (b"", b".", b"..")
        and b"/" not in label
        and b"\0" not in label
        and isinstance(node.get("t"), str)
        and isinstance(node.get("m"), int)
        and isinstance(node.get("mt"), int)
        and (node["t"] != LINK or isinstance(node.get("l"), bytes))
        and (node["t"] != FILE or isinstance(node.get("s"), int))
        and (node["t"] not in (FILE, DIRECTORY) or isinstance(node.get("c"), bytes))
        and (node["t"] != FILE or isinstance(node.get("h"), bytes) or (len(node["c"]) <= 32 and not node.get("p")))
    )
