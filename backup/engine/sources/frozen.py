"""Folders that stand still while they are saved: in mounts of our own, snapshots of them stand in their place.

Nobody else sees these mounts (mount_namespaces(7)); paths, inodes and times are those of the original. It takes the
right to mount.
"""

from __future__ import annotations

import ctypes
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from backup.engine.errors import BackupError
from backup.engine.sources.opening import shown

_NEW_MOUNTS = 0x00020000
_BIND, _ALL_BELOW, _SLAVE = 1 << 12, 1 << 14, 1 << 19
_TRIES, _PAUSE = 2000, 0.005
_OCTAL = re.compile(rb"\\([0-7]{3})")


class CantFreeze(BackupError):
    """What is saved can't be made to stand still."""


@dataclass(frozen=True)
class Mount:
    place: bytes
    root: bytes
    """Which folder of its file system is there."""
    kind: bytes


def mounts() -> list[Mount]:
    """What is mounted, as this thread sees it (proc_pid_mountinfo(5))."""
    found = []
    for line in Path("/proc/thread-self/mountinfo").read_bytes().splitlines():
        fields = line.split(b" ")
        kind = fields[fields.index(b"-", 6) + 1]
        found.append(Mount(_plain(fields[4]), _plain(fields[3]), kind))
    return found


@contextmanager
def standing(instead: Mapping[bytes, bytes]) -> Iterator[None]:
    """While this is open each of these folders is seen as the one that it is mapped to.

    So it is for this thread and those that it begins. What else is mounted below stays to be seen. Raises CantFreeze.
    """
    if not instead:
        yield
        return
    with ExitStack() as undone:
        before = os.open("/proc/thread-self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        undone.callback(os.close, before)
        here = _held(b".", undone)
        _call("unshare", _NEW_MOUNTS, on=b"/")
        undone.callback(_leave, before, here)
        _call("mount", None, b"/", None, _ALL_BELOW | _SLAVE, None, on=b"/")
        held = {place: _held(folder, undone) for place, folder in instead.items()}
        for mount in mounts():
            if mount.place not in held and any(is_below(mount.place, place) for place in instead):
                held[mount.place] = _held(mount.place, undone)
        for place in sorted(held):
            _call("mount", b"/proc/thread-self/fd/%d" % held[place], place, None, _BIND, None, on=place)
        yield


def is_below(path: bytes, folder: bytes) -> bool:
    """Whether a path is this folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


def resting(paths: Iterable[bytes], instead: Iterable[bytes]) -> set[bytes]:
    """Those of the paths that lie in one of the folders."""
    folders = list(instead)
    return {path for path in paths if any(is_below(path, folder) for folder in folders)}


def _held(folder: bytes, undone: ExitStack) -> int:
    try:
        descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        raise CantFreeze(f"{shown(folder)}: {error.strerror}") from error
    undone.callback(os.close, descriptor)
    return descriptor


def _leave(before: int, here: int) -> None:
    """Go back to the mounts of everybody: what hooks do afterwards is for the whole machine.

    That takes a moment until every thread that was begun meanwhile has come to its end for the system, too.
    """
    for _ in range(_TRIES):
        if not _libc().setns(before, _NEW_MOUNTS):
            os.fchdir(here)
            return
        time.sleep(_PAUSE)
    raise CantFreeze("the mounts of this save can't be left: a thread of it goes on")


def _call(name: str, *arguments: object, on: bytes) -> None:
    if getattr(_libc(), name)(*arguments):
        raise CantFreeze(f"{shown(on)}: {os.strerror(ctypes.get_errno())} ({name})")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _plain(text: bytes) -> bytes:
    return _OCTAL.sub(lambda found: bytes([int(found[1], 8)]), text)
