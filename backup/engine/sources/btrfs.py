"""Snapshots of the subvolumes of btrfs, for as long as they are saved."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from backup.engine.sources.frozen import CantFreeze, is_below, mounts, resting, standing
from backup.engine.sources.opening import shown

_NAME = re.compile(r"\.suite-backup-(\d+)-[0-9a-f]{8}")
"""Of a snapshot: whose process made it."""
_TOP = 256
"""The inode of the top of each subvolume."""
_LISTED = re.compile(rb"ID \d+ .*? path (.+)")


@contextmanager
def frozen(
    paths: Sequence[bytes], given: Mapping[bytes, bytes], *, freeze: bool = True, writable: Iterable[bytes] = ()
) -> Iterator[set[bytes]]:
    """Have the paths stand still: by snapshots that are `given`, or made of btrfs here. Gives those that don't.

    What is `writable` goes on as it is, though it lies in one. Raises CantFreeze.
    """
    moving = set(paths) - resting(paths, given)
    with ExitStack() as undone:
        made = undone.enter_context(snapshots(sorted(moving))) if freeze else {}
        instead = dict(given)
        for path in moving:
            instead |= {place: made[place] for place in made if is_below(place, path)}
            if above := [place for place in made if is_below(path, place)]:
                nearest = max(above, key=len)
                instead[path] = _join(made[nearest], path[len(nearest.rstrip(b"/")) :])
        undone.enter_context(standing(instead, writable))
        yield moving - instead.keys()


@contextmanager
def snapshots(paths: Sequence[bytes]) -> Iterator[dict[bytes, bytes]]:
    """A snapshot of each subvolume in which one of the paths lies, or which lies below one, by the subvolume's place.

    Each is of a moment of its own: what belongs together should lie in one. Raises CantFreeze.
    """
    with ExitStack() as undone:
        made = {}
        for place in subvolumes(paths):
            made[place] = place
            if _is_read_only(place):  # it stands still as it is
                continue
            _tidy(place)
            snapshot = _join(place, b"/.suite-backup-%d-%s" % (os.getpid(), secrets.token_hex(4).encode()))
            _btrfs(b"snapshot", b"-r", place, snapshot)
            undone.callback(_delete, snapshot)
            made[place] = snapshot
        yield made


def subvolumes(paths: Sequence[bytes]) -> list[bytes]:
    """Where the subvolumes are seen that hold the paths, or that the paths hold."""
    every, seen = mounts(), set()
    for mount in every:
        if mount.kind == b"btrfs":
            lines = map(_LISTED.match, _btrfs(b"list", mount.place).splitlines())
            for path in (b"/", *(b"/" + found[1] for found in lines if found)):
                if is_below(path, mount.root):
                    seen.add(_join(mount.place, path[len(mount.root.rstrip(b"/")) :]))
    seen = {place for place in seen if _is_subvolume(place)}
    wanted = {place for place in seen if any(is_below(place, path) for path in paths)}
    for path in paths:
        above = [place for place in seen if is_below(path, place)]
        mounted = max((mount for mount in every if is_below(path, mount.place)), key=lambda mount: len(mount.place))
        if above and mounted.kind == b"btrfs":
            wanted.add(max(above, key=len))
    return sorted(wanted)


def _is_subvolume(place: bytes) -> bool:
    """Whether one is really seen there, and no snapshot of ours: something else may be mounted over it."""
    if _NAME.fullmatch(os.fsdecode(place.rpartition(b"/")[2])):
        return False
    try:
        return os.stat(place, follow_symlinks=False).st_ino == _TOP  # noqa: PTH116 (names in bytes)
    except OSError:
        return False


def _join(place: bytes, rest: bytes) -> bytes:
    return (place.rstrip(b"/") + rest) or b"/"


def _is_read_only(place: bytes) -> bool:
    return b"ro=true" in _run(b"property", b"get", b"-ts", place, b"ro")


def _tidy(place: bytes) -> None:
    """Delete what a process left that was killed."""
    for path in Path(os.fsdecode(place)).iterdir():
        if (found := _NAME.fullmatch(path.name)) and not Path(f"/proc/{found[1]}").exists():
            _delete(os.fsencode(path))


def _delete(snapshot: bytes) -> None:
    with contextlib.suppress(CantFreeze):  # the next one deletes it
        _btrfs(b"delete", snapshot)


def _btrfs(*words: bytes) -> bytes:
    return _run(b"subvolume", *words)


def _run(*words: bytes) -> bytes:
    try:
        done = subprocess.run([b"btrfs", *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        raise CantFreeze(f"btrfs can't be started: {error.strerror}") from error
    if done.returncode:
        raise CantFreeze(f"{shown(words[-1])}: {shown(done.stderr.strip()[-500:])}")
    return done.stdout
