"""What stands in a tree, as a line for people and as an object for programs."""

from __future__ import annotations

import base64
import stat
from typing import Any

from backup.cli import shown
from backup.engine.format.trees import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, LINK, SOCKET, Node

KINDS = {
    FILE: "file",
    DIRECTORY: "folder",
    LINK: "link",
    FIFO: "fifo",
    SOCKET: "socket",
    CHARACTER: "character device",
    BLOCK: "block device",
}
_TYPES = {
    FILE: stat.S_IFREG,
    DIRECTORY: stat.S_IFDIR,
    LINK: stat.S_IFLNK,
    FIFO: stat.S_IFIFO,
    SOCKET: stat.S_IFSOCK,
    CHARACTER: stat.S_IFCHR,
    BLOCK: stat.S_IFBLK,
}


def row(path: bytes, node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {
        **path_row(path),
        "type": KINDS.get(node["t"], node["t"]),
        "mode": f"{node['m']:04o}",
        "modified": shown.stamp(node["mt"]),
    }
    for name, key in (("size", "s"), ("uid", "u"), ("gid", "g"), ("user", "un"), ("group", "gn"), ("device", "r")):
        if key in node:
            found[name] = node[key]
    if "l" in node:
        found["target"] = node["l"].decode(errors="backslashreplace")
    if "x" in node:
        found["attributes"] = [name.decode(errors="backslashreplace") for name, _value in node["x"]]
    return found


def path_row(path: bytes) -> dict[str, str]:
    """A path; one that isn't UTF-8 comes in base64 too, so that nothing is lost."""
    text = path.decode(errors="backslashreplace")
    is_text = text.encode(errors="surrogatepass") == path
    return {"path": text} if is_text else {"path": text, "raw_path": base64.b64encode(path).decode()}


def name(path: bytes, node: Node) -> str:
    return shown.path(path) + ("/" if node["t"] == DIRECTORY else "")


def line(path: bytes, node: Node) -> str:
    """As `ls -l` does it."""
    mode = stat.filemode(_TYPES.get(node["t"], 0) | node["m"])
    owner = f"{node.get('un', node.get('u', ''))}:{node.get('gn', node.get('g', ''))}"
    size = shown.size(node["s"]) if "s" in node else ""
    target = f" -> {shown.path(node['l'])}" if "l" in node else ""
    return f"{mode}  {owner:<16}  {size:>8}  {shown.moment(node['mt'])}  {name(path, node)}{target}"
