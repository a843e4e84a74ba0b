"""Everything of a tree that a restore must bring back."""

from __future__ import annotations

import os
import stat
from pathlib import Path

Picture = dict[bytes, tuple[object, ...]]


def everything(folder: Path) -> Picture:
    """By path: kind and mode, owners, time, content or target or device, attributes, and the names of the same file."""
    found: Picture = {}
    names: dict[int, list[bytes]] = {}
    top = os.fsencode(folder)
    for parent, folders, files in os.walk(top):
        for name in sorted(folders + files):
            path = parent + b"/" + name
            status = os.lstat(path)
            inside = path[len(top) + 1 :]
            if not stat.S_ISDIR(status.st_mode):
                names.setdefault(status.st_ino, []).append(inside)
            found[inside] = (
                status.st_mode,
                status.st_uid,
                status.st_gid,
                status.st_mtime_ns,
                _content(path, status),
                tuple((key, os.getxattr(path, key, follow_symlinks=False)) for key in _attributes(path)),
                tuple(names.get(status.st_ino, ())),
            )
    return found


def _attributes(path: bytes) -> list[str]:
    return sorted(name for name in os.listxattr(path, follow_symlinks=False) if name != "security.selinux")


def _content(path: bytes, status: os.stat_result) -> object:
    if stat.S_ISREG(status.st_mode):
        with open(path, "rb") as file:  # noqa: PTH123 (names in bytes)
            return file.read()
    if stat.S_ISLNK(status.st_mode):
        return os.readlink(path)  # noqa: PTH115 (names in bytes)
    return status.st_rdev if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode) else None
