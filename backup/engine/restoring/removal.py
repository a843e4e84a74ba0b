"""Take away what is in the way, never through a link and never on another file system."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator

from backup.engine.restoring.folders import LISTING


def names(folder: int) -> list[bytes]:
    return [os.fsencode(name) for name in os.listdir(folder)]


def remove(name: bytes, folder: int) -> None:
    """A name of a folder, with all it holds. Raises OSError at the first thing that stays."""
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISDIR(status.st_mode):
        os.unlink(name, dir_fd=folder)
        return
    if status.st_dev != os.fstat(folder).st_dev:
        raise OSError(errno.EXDEV, "another file system is mounted there")
    _empty(name, folder)
    os.rmdir(name, dir_fd=folder)


def _empty(name: bytes, folder: int) -> None:
    """Remove what a folder holds, however deep: a stack of our own has no limit but open folders."""
    stack = [_Level(name, folder)]
    try:
        while stack:
            level = stack[-1]
            below = next(level.rest, None)
            if below is None:
                stack.pop().close()
                if stack:
                    os.rmdir(level.name, dir_fd=stack[-1].descriptor)
                continue
            status = os.stat(below, dir_fd=level.descriptor, follow_symlinks=False)
            if not stat.S_ISDIR(status.st_mode):
                os.unlink(below, dir_fd=level.descriptor)
            elif status.st_dev != level.device:
                raise OSError(errno.EXDEV, f"another file system is mounted at {os.fsdecode(below)}")
            else:
                stack.append(_Level(below, level.descriptor))
    finally:
        for level in stack:
            level.close()


class _Level:
    """A folder being emptied."""

    def __init__(self, name: bytes, above: int) -> None:
        self.name = name
        try:
            self.descriptor = os.open(name, LISTING, dir_fd=above)
        except PermissionError:
            _unlock(name, above)
            self.descriptor = os.open(name, LISTING, dir_fd=above)
        status = os.fstat(self.descriptor)
        self.device = status.st_dev
        if status.st_mode & 0o700 != 0o700 and status.st_uid == os.geteuid():
            os.fchmod(self.descriptor, 0o700)
        self.rest: Iterator[bytes] = iter(names(self.descriptor))

    def close(self) -> None:
        os.close(self.descriptor)


def _unlock(name: bytes, above: int) -> None:
    descriptor = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
    try:
        os.chmod(f"/proc/self/fd/{descriptor}", 0o700)  # noqa: PTH101 (a descriptor)
    finally:
        os.close(descriptor)
