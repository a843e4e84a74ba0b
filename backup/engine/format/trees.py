"""Directories as blobs, and files as lists of ids (FORMAT.md, sections 6 and 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from backup.engine.errors import Damaged
from backup.engine.format import cipher

Node = dict[str, Any]
FILE, DIRECTORY, LINK = "f", "d", "l"
FIFO, SOCKET, CHARACTER, BLOCK = "p", "s", "c", "b"
ASKED_FOR = "asked for"
IN_PART = "in part"
"""In `a` of what a save was asked for, and of the folders above it: the folder that holds it was saved in part."""
STREAMS = "streams"
"""In `a` of the folder that holds the streams of a save of paths: it stood nowhere on the machine."""
MOST_NODES = 4096
MOST_BYTES = 1 << 20
MOST_IDS = 1024
"""A node holds at most so many ids itself; longer contents go through lists."""
_DEEPEST = 4
_TYPES: dict[str, type] = {
    "n": bytes, "t": str, "m": int, "mt": int, "at": int, "u": int, "g": int, "un": str, "gn": str, "x": list, "s": int,
    "c": bytes, "p": int, "h": bytes, "e": list, "i": int, "l": bytes, "r": list, "a": dict,
}  # fmt: skip
_NO_DEVICE = 1 << 31
"""No system numbers its devices so high."""
_NOBODY = (1 << 32) - 1
"""To the system this number means nobody at all."""


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


def is_on_the_way(node: Node) -> bool:
    """Whether something below a folder was asked for, and not the folder itself: what else it held isn't known."""
    return bool(node.get("a", {}).get(ASKED_FOR) == IN_PART)


def is_one_piece(node: Node) -> bool:
    """Whether a file is one piece or none: then the id of it is what proves the content, and there is no `h`."""
    return len(node["c"]) <= 32 and not node.get("p")


def _sound(node: Node) -> bool:
    for key, value in node.items():
        if key in _TYPES and type(value) is not _TYPES[key]:
            return False
    label, kind = node.get("n"), node.get("t")
    return (
        label not in (None, b"", b".", b"..")
        and b"/" not in label
        and b"\0" not in label
        and kind is not None
        and 0 <= node.get("m", -1) <= 0o7777
        and _is_time(node.get("mt"))
        and ("at" not in node or _is_time(node["at"]))
        and 0 <= node.get("u", 0) < _NOBODY
        and 0 <= node.get("g", 0) < _NOBODY
        and (kind != FILE or 0 <= node.get("s", -1) < 1 << 63)
        and (kind not in (FILE, DIRECTORY) or "c" in node)
        and (kind != FILE or "h" in node or is_one_piece(node))
        and (kind != LINK or (node.get("l", b"") != b"" and b"\0" not in node["l"]))
        and (kind not in (CHARACTER, BLOCK) or _is_device(node.get("r")))
        and ("x" not in node or _are_attributes(node["x"]))
        and ("e" not in node or _are_extents(node["e"], node.get("s", 0)))
    )


def _is_time(value: Any) -> bool:
    return value is not None and -(1 << 63) <= value < 1 << 64


def _is_device(value: Any) -> bool:
    return (
        isinstance(value, list)
        and [type(part) for part in value] == [int, int]
        and all(0 <= part < _NO_DEVICE for part in value)
    )


def _are_attributes(value: list[Any]) -> bool:
    return all(
        isinstance(pair, list) and [type(part) for part in pair] == [bytes, bytes] and b"\0" not in pair[0]
        for pair in value
    )


def _are_extents(value: list[Any], size: int) -> bool:
    end = 0
    for pair in value:
        if not isinstance(pair, list) or [type(part) for part in pair] != [int, int]:
            return False
        if pair[0] < end or pair[1] <= 0:
            return False
        end = sum(pair)
    return end <= size
