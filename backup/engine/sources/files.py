"""Files as the system has them: listed with one look at each name, links never followed."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from backup.engine.format.trees import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, LINK, SOCKET, Node
from backup.engine.sources import attributes
from backup.engine.sources.base import Item, Unreadable, blocks
from backup.engine.sources.contents import FileContent, SparseContent, has_holes
from backup.engine.sources.opening import HOLDING, LISTED, LISTING, READING, is_same, open_listed, shown, unreadable
from backup.engine.sources.rules import Rules

_KINDS = {
    stat.S_IFREG: FILE,
    stat.S_IFDIR: DIRECTORY,
    stat.S_IFLNK: LINK,
    stat.S_IFIFO: FIFO,
    stat.S_IFSOCK: SOCKET,
    stat.S_IFCHR: CHARACTER,
    stat.S_IFBLK: BLOCK,
}
_STAMP = struct.Struct("<qqqQQIII")
_STAMP_WITH_ATIME = struct.Struct("<qqqQQIIIq")
_FRESH_NS = 2_000_000_000
"""A file changed so shortly before it was read may change again without its times telling."""
_ENCODING, _ERRORS = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
_QUICKLY = READING | os.O_NOATIME
_DEVICES = 0x9E3779B97F4A7C15
"""Spreads the numbers of hard links of different devices over 64 bits."""


class Files:
    """The names below a folder, the anchor, whose own path is trusted. `root` is for who knows what is asked for."""

    parallel = True

    def __init__(self, anchor: bytes, rules: Rules, now: int) -> None:
        self._anchor, self._rules, self._before = anchor, rules, now - _FRESH_NS
        self._inner = len(anchor.rstrip(b"/")) + 1
        """Where the path in the tree begins."""
        self._pack = _STAMP_WITH_ATIME.pack if rules.atime else _STAMP.pack
        self._devices: dict[int, int] = {}
        """Those met, numbered in the order of the walk."""
        self._mounted: frozenset[int] | None = None
        """The devices to stay on, where there are such."""

    def children(self, handle: LISTED) -> Iterator[Item | Unreadable]:
        path, status = handle
        if self._mounted is not None and status is not None and status.st_dev not in self._mounted:
            return
        folder = open_listed(self._anchor, handle, LISTING)
        try:
            try:
                with os.scandir(folder) as listing:
                    entries = sorted((entry.name.encode(_ENCODING, _ERRORS), entry) for entry in listing)
            except OSError as error:
                raise unreadable(path, error) from error
            yield from self._items(path, entries, folder)
        finally:
            os.close(folder)

    def node(self, item: Item) -> Node:
        path, status = item.handle
        node: Node = {
            "n": item.name,
            "t": item.kind,
            "m": stat.S_IMODE(status.st_mode),
            "mt": status.st_mtime_ns,
            "u": status.st_uid,
            "g": status.st_gid,
        }
        if name := attributes.user_name(status.st_uid):
            node["un"] = name
        if name := attributes.group_name(status.st_gid):
            node["gn"] = name
        if self._rules.atime:
            node["at"] = status.st_atime_ns
        if item.kind in (CHARACTER, BLOCK):
            node["r"] = [os.major(status.st_rdev), os.minor(status.st_rdev)]
        if status.st_nlink > 1 and item.kind not in (DIRECTORY, SOCKET):
            node["i"] = self._number(status)
        try:
            if item.kind == LINK:
                node["l"] = self._target(item.handle)
            if self._rules.xattrs:
                found = attributes.extended(path, lambda: open_listed(self._anchor, item.handle, HOLDING))
                if found:
                    node["x"] = found
        except OSError as error:
            raise unreadable(path, error) from error
        return node

    def open(self, item: Item) -> FileContent:
        content = self._open(item)
        return SparseContent.instead_of(content) if has_holes(item.handle[1]) else content

    def read(self, item: Item) -> tuple[bytes, bool]:
        # Called for each of many small files: the quickest way, and the careful one wherever anything isn't as listed.
        path, then = item.handle
        size = then.st_size
        try:
            descriptor = os.open(path, _QUICKLY)
            try:
                content = os.read(descriptor, size + 1)
                now = os.fstat(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            return self._read(item)
        if len(content) != size or not is_same(now, then):
            return self._read(item)
        return content, now.st_mtime_ns == then.st_mtime_ns and now.st_ctime_ns == then.st_ctime_ns

    def _items(
        self, path: bytes, entries: Iterable[tuple[bytes, os.DirEntry[Any]]], folder: int
    ) -> Iterator[Item | Unreadable]:
        rules, devices = self._rules, self._devices
        filters = rules.filters
        prefix = path if path.endswith(b"/") else path + b"/"
        if marks := rules.marks([name for name, _ in entries], folder):
            entries = [(name, entry) for name, entry in entries if name in marks]
        for name, entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError as error:
                if error.errno != errno.ENOENT:  # gone since it was listed: it isn't there to be saved
                    yield unreadable(prefix + name, error)
                continue
            inner = prefix + name
            if filters and rules.leaves_out(os.fsdecode(inner[self._inner :]), status):
                continue
            if status.st_dev not in devices:
                devices[status.st_dev] = len(devices)
            yield self._item(name, inner, status)

    def _item(self, name: bytes, path: bytes, status: os.stat_result) -> Item:
        changed = max(status.st_ctime_ns, status.st_mtime_ns)
        stamp = self._stamp(status) if changed <= self._before else None
        return Item(name, _KINDS[stat.S_IFMT(status.st_mode)], (path, status), status.st_size, stamp)

    def _stamp(self, status: os.stat_result) -> bytes | None:
        values = (
            status.st_mtime_ns,
            status.st_ctime_ns,
            status.st_size,
            status.st_ino,
            status.st_dev,
            status.st_mode,
            status.st_uid,
            status.st_gid,
        )
        try:
            return self._pack(*values, status.st_atime_ns) if self._rules.atime else self._pack(*values)
        except struct.error:  # a time after 2262
            return None

    def _target(self, handle: LISTED) -> bytes:
        descriptor = open_listed(self._anchor, handle, HOLDING)
        try:
            return os.readlink(b"", dir_fd=descriptor)
        finally:
            os.close(descriptor)

    def _number(self, status: os.stat_result) -> int:
        """The same for all names of a file, from one save to the next too."""
        return (status.st_ino + self._devices.get(status.st_dev, 0) * _DEVICES) % (1 << 64)

    def _read(self, item: Item) -> tuple[bytes, bool]:
        with contextlib.closing(self._open(item)) as content:
            return b"".join(blocks(content, item.size + 1)), content.steady()

    def _open(self, item: Item) -> FileContent:
        path, status = item.handle
        descriptor = open_listed(self._anchor, item.handle, READING)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Unreadable(f"{shown(path)}: is no longer a file")
        return FileContent(descriptor, path, status)
