"""What is saved: a folder, or named streams that a program hands out."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from backup.engine.errors import BackupError
from backup.engine.format.trees import DIRECTORY, FILE, LINK, Node

_SIGNATURE = struct.Struct("<qqqQQ")
_LONGEST_PATH = 4000
_FRESH_NS = 2_000_000_000
"""A file changed so shortly before it was read may change again without its times telling."""


@dataclass(slots=True)
class Item:
    """One name in a directory: its node without content, and what the source needs to open it."""

    node: Node
    handle: Any
    size: int = 0
    signature: bytes | None = None
    """Equal as long as the content is: a file with the signature of the last save isn't read again."""


class Unreadable(BackupError):
    """Something of the source can't be saved; the save goes on without it and says so."""


class Source(Protocol):
    label: str
    """What it is, in the snapshot."""
    parallel: bool
    """Whether `open` may be called from any thread."""

    def root(self) -> Any:
        """The handle of the root directory."""

    def children(self, handle: Any) -> Iterable[Item | Unreadable]:
        """What a directory holds, ascending by the bytes of the names. Raises OSError or Unreadable."""

    def open(self, item: Item) -> BinaryIO:
        """The content of a file. Raises OSError or Unreadable."""

    def steady(self, item: Item, stream: BinaryIO) -> bool:
        """Whether what was read is one state of the file: it didn't change meanwhile."""


class FolderSource:
    """Files, directories and symbolic links below a folder; links are saved, never followed."""

    parallel = True

    def __init__(self, folder: str | os.PathLike[str], *, now: int) -> None:
        self._folder = os.fsencode(Path(folder).absolute())
        self._before = now - _FRESH_NS
        self.label = os.fsdecode(self._folder)

    def root(self) -> bytes:
        return self._folder

    def children(self, handle: bytes) -> Iterator[Item | Unreadable]:
        follow = 0 if handle == self._folder else os.O_NOFOLLOW  # a link may stand there since it was listed
        descriptor = _open(handle, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | follow)
        try:
            with os.scandir(descriptor) as listing:
                entries = sorted((os.fsencode(entry.name), entry) for entry in listing)
            for name, entry in entries:
                path = handle + b"/" + name
                try:
                    yield self._item(name, path, entry.stat(follow_symlinks=False), descriptor)
                except OSError as error:
                    yield Unreadable(f"{os.fsdecode(path)}: {error.strerror}")
        finally:
            os.close(descriptor)

    def open(self, item: Item) -> BinaryIO:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            descriptor = _open(item.handle, flags | os.O_NOATIME)
        except PermissionError:  # only its owner reads a file without a trace
            descriptor = _open(item.handle, flags)
        stream = os.fdopen(descriptor, "rb", buffering=0)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            stream.close()
            raise Unreadable(f"{os.fsdecode(item.handle)}: no longer a file")
        return stream

    def steady(self, item: Item, stream: BinaryIO) -> bool:
        now = os.fstat(stream.fileno())
        return item.signature is None or _signature(now) == item.signature

    def _item(self, name: bytes, path: bytes, status: os.stat_result, directory: int) -> Item | Unreadable:
        node: Node = {
            "n": name,
            "m": stat.S_IMODE(status.st_mode),
            "mt": status.st_mtime_ns,
            "u": status.st_uid,
            "g": status.st_gid,
        }
        if stat.S_ISREG(status.st_mode):
            fresh = max(status.st_ctime_ns, status.st_mtime_ns) > self._before
            return Item(node | {"t": FILE}, path, status.st_size, None if fresh else _signature(status))
        if stat.S_ISDIR(status.st_mode):
            return Item(node | {"t": DIRECTORY}, path)
        if stat.S_ISLNK(status.st_mode):
            return Item(node | {"t": LINK, "l": os.readlink(name, dir_fd=directory)}, path)
        return Unreadable(f"{os.fsdecode(path)}: neither file, folder nor link")


def _open(path: bytes, flags: int) -> int:
    """Open a path of any length: the system takes 4096 bytes at a time."""
    if len(path) < _LONGEST_PATH:
        return os.open(path, flags)
    cut = path.rindex(b"/", 0, _LONGEST_PATH)
    above = os.open(path[:cut], os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    rest = path[cut + 1 :]
    while True:
        try:
            if len(rest) < _LONGEST_PATH:
                return os.open(rest, flags, dir_fd=above)
            cut = rest.rindex(b"/", 0, _LONGEST_PATH)
            below = os.open(rest[:cut], os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=above)
        finally:
            os.close(above)
        above, rest = below, rest[cut + 1 :]


def _signature(status: os.stat_result) -> bytes:
    return _SIGNATURE.pack(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)


@dataclass(frozen=True)
class Stream:
    """A file that isn't in a file system: its path, how to open it, and what tells whether it changed."""

    path: str
    open: Callable[[], BinaryIO]
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
        self._tree: dict[str, Any] = {}
        for stream in streams:
            self._place(stream)

    def root(self) -> dict[str, Any]:
        return self._tree

    def children(self, handle: dict[str, Any]) -> Iterator[Item | Unreadable]:
        for name in sorted(handle, key=str.encode):
            what = handle[name]
            if isinstance(what, Stream):
                node = {"n": name.encode(), "t": FILE, "m": 0o600, "mt": what.modified, "a": dict(what.about)}
                yield Item(node, what, what.size, what.signature)
            else:
                yield Item({"n": name.encode(), "t": DIRECTORY, "m": 0o700, "mt": 0}, what)

    def open(self, item: Item) -> BinaryIO:
        stream: BinaryIO = item.handle.open()
        return stream

    def steady(self, item: Item, stream: BinaryIO) -> bool:
        return True

    def _place(self, stream: Stream) -> None:
        *folders, name = stream.path.split("/")
        if any(part in ("", ".", "..") or "\0" in part for part in (*folders, name)):
            raise ValueError(f"{stream.path!r} is no path of a stream")
        place = self._tree
        for folder in folders:
            place = place.setdefault(folder, {})
            if isinstance(place, Stream):
                raise ValueError(f"{stream.path!r} lies in a file")
        if name in place:
            raise ValueError(f"{stream.path!r} comes twice")
        place[name] = stream
