"""Open what was listed and nothing else: no link that took a folder's place since leads anywhere."""

from __future__ import annotations

import errno
import os

from backup.engine.sources.base import Unreadable

LISTED = tuple[bytes, os.stat_result | None]
"""A path as it was listed, and how; no status: whatever is there, links among it."""
READING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
LISTING = READING | os.O_DIRECTORY
HOLDING = os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW
"""Look at something without opening it."""
_ENTERING = os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY


def open_listed(anchor: bytes, listed: LISTED, flags: int) -> int:
    """A descriptor. Raises Unreadable.

    Where the path no longer leads to what was listed, or is too long, each folder below `anchor` is opened in turn.
    """
    path, status = listed
    try:
        if status is None:
            return os.open(path, flags & ~os.O_NOFOLLOW)
        try:
            descriptor = _open(path, flags)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
        else:
            if is_same(os.fstat(descriptor), status):
                return descriptor
            os.close(descriptor)
        return _descend(anchor, path, flags)
    except OSError as error:
        raise unreadable(path, error) from error


def is_same(now: os.stat_result, then: os.stat_result) -> bool:
    """Whether both are of one file, changed or not."""
    return now.st_ino == then.st_ino and now.st_dev == then.st_dev


def unreadable(path: bytes, error: OSError) -> Unreadable:
    why = "is a link now" if error.errno == errno.ELOOP else error.strerror or str(error)
    return Unreadable(f"{shown(path)}: {why}")


def shown(path: bytes) -> str:
    """A path for people: what isn't text is escaped."""
    return path.decode(errors="backslashreplace")


def _descend(anchor: bytes, path: bytes, flags: int) -> int:
    *folders, name = path[len(anchor.rstrip(b"/")) + 1 :].split(b"/")
    above = os.open(anchor, _ENTERING)
    for folder in folders:
        try:
            below = os.open(folder, _ENTERING | os.O_NOFOLLOW, dir_fd=above)
        finally:
            os.close(above)
        above = below
    try:
        return _open(name, flags, above)
    finally:
        os.close(above)


def _open(path: bytes, flags: int, above: int | None = None) -> int:
    if flags & os.O_PATH:
        return os.open(path, flags, dir_fd=above)
    try:
        return os.open(path, flags | os.O_NOATIME, dir_fd=above)
    except PermissionError:  # only its owner reads a file without a trace
        return os.open(path, flags, dir_fd=above)
