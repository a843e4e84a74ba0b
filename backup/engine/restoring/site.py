"""What the parts of a restore share."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator

from blake3 import blake3

from backup.engine.errors import Damaged, Unreachable
from backup.engine.format import blobs
from backup.engine.format.trees import Node
from backup.engine.reading.catalogue import Catalogue
from backup.engine.restoring.folders import Folder, Folders
from backup.engine.restoring.metadata import Metadata
from backup.engine.restoring.options import Options, Overwrite
from backup.engine.restoring.report import Report

_BLOCK = 1 << 20
_OUTAGES = 10


class Site:
    def __init__(self, catalogue: Catalogue, options: Options, report: Report, folders: Folders) -> None:
        self.catalogue, self.options, self.report, self.folders = catalogue, options, report, folders
        self.metadata = Metadata(options.owners)
        self.stopped = False
        self.outages = 0
        """How many reads failed in a row."""
        self.apart: set[bytes] = set()
        """Paths of files with several names that no other name is to be linked to: they failed, or were kept."""

    def bear(self, error: Unreachable) -> None:
        """Go on without what the store doesn't give, unless it gives nothing any more. Raises Unreachable."""
        self.outages += 1
        if self.outages >= _OUTAGES:
            raise error

    def missed(self, folder: Folder, node: Node, error: Exception | str) -> None:
        path = folder.path + node["n"]
        self.report.trouble(path, error)
        if "i" in node:
            self.apart.add(path)

    def lost(self, folder: Folder, nodes: Iterable[Node], error: OSError) -> None:
        """Note that a folder can't be worked in."""
        self.report.trouble(folder.path, error)
        self.apart.update(folder.path + node["n"] for node in nodes if "i" in node)

    def keep(self, folder: Folder, node: Node) -> None:
        """Leave what is there as it is."""
        path = folder.path + node["n"]
        self.report.keep(path, node["t"])
        if "i" in node:
            self.apart.add(path)

    def told(self, folder: Folder, node: Node, problems: list[str]) -> None:
        for problem in problems:
            self.report.trouble(folder.path + node["n"], problem)

    def done(self, folder: Folder | None) -> None:
        """One thing of a folder is in; with the last it gets its own metadata, and its folder has one thing more."""
        while folder is not None:
            with self.report.lock:
                folder.waiting -= 1
                if folder.waiting:
                    return
            if not self.stopped:
                self._complete(folder)
            self.folders.forget(folder)
            folder = folder.parent

    def _complete(self, folder: Folder) -> None:
        if not folder.exists or self.options.dry_run or "m" not in folder.node:
            return
        try:
            with self.folders.hold(folder) as descriptor:
                if folder.is_new or self.options.overwrite is not Overwrite.NEVER:
                    problems = self.metadata.apply(descriptor, folder.node, inherits=folder.inherits and folder.is_new)
                    self.told(folder.parent or folder, folder.node, problems)
                elif folder.mode is not None:
                    os.fchmod(descriptor, folder.mode)
        except OSError as error:
            self.report.trouble(folder.path, error)


def check_content(size: int, digest: bytes | None, node: Node, path: bytes) -> None:
    """Raises Damaged unless this is the content that was saved. Of one piece its id has proved that already."""
    if size != stored_size(node) or ("h" in node and digest != node["h"]):
        raise Damaged(path.decode(errors="backslashreplace"), "isn't the file that was saved")


def stored_size(node: Node) -> int:
    """How many bytes of a file aren't holes."""
    return sum(length for _, length in node["e"]) if "e" in node else node["s"]


def reads_back(catalogue: Catalogue, descriptor: int, node: Node) -> bool:
    """Whether the disk gives the content that was written to it."""
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    return holds(catalogue, descriptor, node)


def holds(catalogue: Catalogue, descriptor: int, node: Node) -> bool:
    """Whether an open file has the content of a node, zeros where that has holes."""
    if os.fstat(descriptor).st_size != node["s"]:
        return False
    end = 0
    for offset, length in [*node.get("e", ()), [node["s"], 0]]:
        if "e" in node and not _is_empty(descriptor, end, offset):
            return False
        end = offset + length
    if "h" not in node:
        content = b"".join(_stored(descriptor, node))
        ids: bytes = node["c"]
        return ids == (catalogue.identify(content, blobs.DATA) if content else b"")
    state = blake3()
    for block in _stored(descriptor, node):
        state.update(block)
    digest: bytes = node["h"]
    return state.digest() == digest


def _stored(descriptor: int, node: Node) -> Iterator[bytes]:
    """What lies where the node's content belongs."""
    for offset, length in node.get("e", [[0, node["s"]]]):
        yield from _blocks(descriptor, offset, offset + length)


def _is_empty(descriptor: int, start: int, end: int) -> bool:
    """Whether there are only zeros: holes aren't even read."""
    while start < end:
        try:
            start = os.lseek(descriptor, start, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return True
            raise
        stop = min(os.lseek(descriptor, start, os.SEEK_HOLE), end)
        if any(block.count(0) != len(block) for block in _blocks(descriptor, start, stop)):
            return False
        start = max(stop, start)
    return True


def _blocks(descriptor: int, start: int, end: int) -> Iterator[bytes]:
    while start < end and (block := os.pread(descriptor, min(end - start, _BLOCK), start)):
        yield block
        start += len(block)
