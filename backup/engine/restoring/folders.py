"""The folders of a target, by descriptor: no link can stand in for one, and few are open at a time."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator

from backup.engine.format.trees import Node

LISTING = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_HOLDING = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST = 64
"""Folders that stay open though nobody works in them."""


class Folder:
    """A folder being filled. `waiting` counts what isn't in yet, its own listing among it."""

    __slots__ = (
        "descriptor", "entered", "exists", "holders", "included", "inherits", "is_new", "mode", "node", "parent",
        "path", "waiting",
    )  # fmt: skip

    def __init__(self, node: Node, path: bytes, parent: Folder | None, *, included: bool) -> None:
        self.node, self.path, self.parent, self.included = node, path, parent, included
        self.waiting = 1
        self.holders = 0
        self.descriptor: int | None = None
        self.entered: bool | None = None
        """Whether it could be, once that was tried."""
        self.is_new = self.exists = False
        """Whether this restore made it, and so knows what is in it; whether it is there at all."""
        self.inherits: bool = parent.inherits if parent else False
        """Whether what is made in it may inherit an ACL or a group that it isn't to have."""
        self.mode: int | None = None
        """Of one that was there: its mode, if it had to be changed to get in."""


class Folders:
    """Opens folders when they are needed, each by its name in the one above, and closes those nobody needs."""

    def __init__(self, top: Folder) -> None:
        self._top = top
        self._lock = threading.Lock()
        self._idle: dict[Folder, None] = {}

    @contextlib.contextmanager
    def hold(self, folder: Folder) -> Iterator[int]:
        """Its descriptor, valid meanwhile. Raises OSError."""
        with self._lock:
            self._open(folder)
            folder.holders += 1
            self._idle.pop(folder, None)
        assert folder.descriptor is not None
        try:
            yield folder.descriptor
        finally:
            with self._lock:
                folder.holders -= 1
                if folder.holders == 0 and folder is not self._top:
                    self._idle[folder] = None
                    self._shrink(_MOST)

    def forget(self, folder: Folder) -> None:
        """Nobody needs it any more."""
        with self._lock:
            self._idle.pop(folder, None)
            _close(folder)

    def close(self) -> None:
        with self._lock:
            self._shrink(0)
            _close(self._top)

    def _open(self, folder: Folder) -> None:
        closed: list[Folder] = []
        at: Folder | None = folder
        while at is not None and at.descriptor is None:
            closed.append(at)
            at = at.parent
        for one in reversed(closed):
            _enter(one)
            self._idle[one] = None
            self._shrink(_MOST)  # of those it lies in, only the nearest is needed to open the next

    def _shrink(self, most: int) -> None:
        while len(self._idle) > most:
            oldest = next(iter(self._idle))
            del self._idle[oldest]
            _close(oldest)


def _enter(folder: Folder) -> None:
    assert folder.parent is not None
    assert folder.parent.descriptor is not None
    name, above = folder.node["n"], folder.parent.descriptor
    try:
        descriptor = os.open(name, LISTING, dir_fd=above)
    except PermissionError:
        if folder.is_new:
            raise
        _unlock(folder, name, above)
        descriptor = os.open(name, LISTING, dir_fd=above)
    folder.descriptor = descriptor
    if not folder.is_new and folder.mode is None and os.geteuid():
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & 0o700 != 0o700:
            with contextlib.suppress(OSError):  # somebody else's: what can be done in it will show
                os.fchmod(descriptor, mode | 0o700)
                folder.mode = mode


def _unlock(folder: Folder, name: bytes, above: int) -> None:
    """Let its owner into a folder that is closed to him."""
    descriptor = os.open(name, _HOLDING, dir_fd=above)
    try:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        os.chmod(f"/proc/self/fd/{descriptor}", mode | 0o700)  # noqa: PTH101 (a descriptor)
    finally:
        os.close(descriptor)
    folder.mode = mode


def _close(folder: Folder) -> None:
    if folder.descriptor is not None:
        os.close(folder.descriptor)
        folder.descriptor = None
