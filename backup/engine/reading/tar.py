"""A snapshot as one tar (POSIX.1-2001, pax), with all that its files carry, written as it is read."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing

from blake3 import blake3

from backup.engine.errors import Damaged
from backup.engine.format import cipher
from backup.engine.format.trees import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, LINK, Node
from backup.engine.reading.ahead import Ahead
from backup.engine.reading.archive import Archive, Writable, entries, shown, trouble
from backup.engine.reading.catalogue import Catalogue
from backup.engine.restoring.site import stored_size

_TYPES = {
    FILE: tarfile.REGTYPE,
    DIRECTORY: tarfile.DIRTYPE,
    LINK: tarfile.SYMTYPE,
    FIFO: tarfile.FIFOTYPE,
    CHARACTER: tarfile.CHRTYPE,
    BLOCK: tarfile.BLKTYPE,
}
_BLOCK = 512
_ZEROS = bytes(1 << 20)
_END = 2 * _BLOCK


def write(
    catalogue: Catalogue,
    out: Writable,
    *,
    path: bytes = b"",
    workers: int = 2,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Archive:
    """Write everything below a path. A file that turns out to be damaged when half of it is written ends with zeros.

    `progress` gets the bytes done and may raise to stop. Raises Missing where there is no such path.
    """
    done = Archive(problems=[str(problem) for problem in catalogue.missing])
    tar = _Tar(out, done, progress)
    with closing(Ahead(catalogue, workers)) as ahead:
        for place, node, parts in ahead.walk(entries(catalogue, path, done)):
            tar.add(place, node, parts)
    out.write(bytes(_END))
    return done


class _Tar:
    def __init__(self, out: Writable, done: Archive, progress: Callable[[int], None]) -> None:
        self._out, self._done, self._progress = out, done, progress
        self._names: dict[bytes, bytes] = {}
        """Of files with several names: where the first of them lies."""

    def add(self, path: bytes, node: Node, parts: Iterator[bytes]) -> None:
        if node["t"] not in _TYPES:
            trouble(self._done, path, Damaged(shown(path), "is of a kind that a tar can't hold"))
            return
        info = _info(path, node)
        if (first := self._first(path, node)) is not None:
            info.type, info.linkname, info.size = tarfile.LNKTYPE, first.decode(errors="surrogateescape"), 0
            self._head(info)
            return
        if node["t"] != FILE:
            self._head(info)
            return
        sparse = _map(node) if "e" in node else b""
        info.size = stored_size(node) + len(sparse)
        if sparse:
            folder, _, name = info.name.rpartition("/")
            info.pax_headers = {
                **info.pax_headers,
                "GNU.sparse.major": "1",
                "GNU.sparse.minor": "0",
                "GNU.sparse.name": info.name,
                "GNU.sparse.realsize": str(node["s"]),
            }
            info.name = f"{folder}/GNUSparseFile.0/{name}".lstrip("/")
        self._head(info)
        self._out.write(sparse)
        self._content(path, node, parts)
        self._out.write(bytes(-info.size % _BLOCK))

    def _first(self, path: bytes, node: Node) -> bytes | None:
        """Another name under which the very same file was written."""
        if "i" not in node or node["t"] == DIRECTORY:
            return None
        key = blake3(cipher.pack(node | {"n": b""})).digest(16)
        first = self._names.get(key)
        if first is None:
            self._names[key] = path
        return first

    def _head(self, info: tarfile.TarInfo) -> None:
        self._out.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))

    def _content(self, path: bytes, node: Node, parts: Iterator[bytes]) -> None:
        rest = stored_size(node)
        state = blake3()
        try:
            for part in parts:
                self._out.write(part)
                state.update(part)
                rest -= len(part)
                self._done.bytes += len(part)
                self._progress(self._done.bytes)
        except Damaged as error:
            trouble(self._done, path, error)
        else:
            if "e" not in node:
                self._done.expected[shown(path)] = state.digest()
        while rest > 0:
            zeros = _ZEROS[:rest]
            self._out.write(zeros)
            rest -= len(zeros)


def _info(path: bytes, node: Node) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path.decode(errors="surrogateescape"))
    info.type, info.mode = _TYPES[node["t"]], node["m"]
    info.uid, info.gid = node.get("u", 0), node.get("g", 0)
    info.uname, info.gname = node.get("un", ""), node.get("gn", "")
    headers = {"mtime": _seconds(node["mt"])}
    if "at" in node:
        headers["atime"] = _seconds(node["at"])
    for name, value in node.get("x", ()):
        key = name.decode(errors="surrogateescape").replace("%", "%25").replace("=", "%3D")
        headers[f"SCHILY.xattr.{key}"] = value.decode(errors="surrogateescape")
    info.pax_headers = headers
    if node["t"] == LINK:
        info.linkname = node["l"].decode(errors="surrogateescape")
    if "r" in node:
        info.devmajor, info.devminor = node["r"]
    return info


def _seconds(time: int) -> str:
    whole, rest = divmod(abs(time), 1_000_000_000)
    return f"{'-' if time < 0 else ''}{whole}.{rest:09}"


def _map(node: Node) -> bytes:
    """Where the data of a file with holes belong, as GNU tar puts it before them (format 1.0)."""
    extents = [*node["e"], [node["s"], 0]]
    text = "".join(
        f"{number}\n" for number in (len(extents), *(part for extent in extents for part in extent))
    ).encode()
    return text + bytes(-len(text) % _BLOCK)
