"""Take away what is in the way, never through a link and never of what is mounted there."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from backup.engine.restoring.folders import LISTING


def names(folder: int) -> list[bytes]:
    return [os.fsencode(name) for name in os.listdir(folder)]


def remove(name: bytes, folder: int) -> None:
    """A name of a folder, with all it holds. Raises OSError at the first thing that stays."""
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISDIR(status.st_mode):
        os.unlink(name, dir_fd=folder)
        return
    _empty(name, folder)
    os.rmdir(name, dir_fd=folder)


def _empty(name: bytes, folder: int) -> None:
    """Remove what a folder holds, however deep: a stack of our own has no limit but open folders."""
    stack = [_Level(name, folder, _mount(folder))]
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
            else:
                stack.append(_Level(below, level.descriptor, level.mount))
    finally:
        for level in stack:
            level.close()


class _Level:
    """A folder being emptied. Raises OSError for one that something is mounted on, be it of the same file system."""

    def __init__(self, name: bytes, above: int, mount: str) -> None:
        self.name, self.mount = name, mount
        try:
            self.descriptor = os.open(name, LISTING, dir_fd=above)
        except PermissionError:
            _unlock(name, above)
            self.descriptor = os.open(name, LISTING, dir_fd=above)
        if _mount(self.descriptor) != mount:
            os.close(self.descriptor)
            raise OSError(errno.EXDEV, "another file system is mounted there")
        status = os.fstat(self.descriptor)
        if status.st_mode & 0o700 != 0o700 and status.st_uid == os.geteuid():
            os.fchmod(self.descriptor, 0o700)
        self.rest: Iterator[bytes] = iter(names(self.descriptor))

    def close(self) -> None:
        os.close(self.descriptor)


def _mount(descriptor: int) -> str:
    """What tells one mount from another: what is bound to a second place has the number of its device there too."""
    try:
        lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text(encoding="ascii").splitlines()
    except OSError:
        return str(os.fstat(descriptor).st_dev)
    return next((line for line in lines if line.startswith("mnt_id:")), str(os.fstat(descriptor).st_dev))


def _unlock(name: bytes, above: int) -> None:
    descriptor = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
    try:
        os.chmod(f"/proc/self/fd/{descriptor}", 0o700)  # noqa: PTH101 (a descriptor)
    finally:
        os.close(descriptor)
