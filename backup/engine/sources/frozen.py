"""Folders that stand still while they are saved: in mounts of our own, snapshots of them stand in their place.

Nobody else sees these mounts (mount_namespaces(7)); paths, inodes and times are those of the original. It takes the
right to mount.
"""

from __future__ import annotations

import ctypes
import errno
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
def standing(instead: Mapping[bytes, bytes], writable: Iterable[bytes] = ()) -> Iterator[None]:
    """While this is open each of these folders is seen as the one that it is mapped to.

    So it is for this thread and those that it begins. What else is mounted below stays to be seen, and so does what is
    `writable`. Raises CantFreeze.
    """
    if b"/" in instead:
        raise CantFreeze("the root can't stand still: name the folders in it")
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
        for place in {*(mount.place for mount in mounts()), *writable} - held.keys():
            if any(is_below(place, folder) for folder in instead) and os.path.lexists(place):
                held[place] = _held(place, undone)
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
    if not getattr(_libc(), name)(*arguments):
        return
    if (number := ctypes.get_errno()) == errno.EPERM:
        raise CantFreeze("only who may mount has files stand still")
    raise CantFreeze(f"{shown(on)}: {os.strerror(number)}")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _plain(text: bytes) -> bytes:
    return _OCTAL.sub(lambda found: bytes([int(found[1], 8)]), text)
