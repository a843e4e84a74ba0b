"""Owners, modes, extended attributes and times, in the order in which none undoes another."""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import pwd
import stat
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from backup.engine.format.trees import Node, is_on_the_way
from backup.engine.restoring.options import Owners

_ACL, _DEFAULT_ACL, _CAPABILITY = b"system.posix_acl_access", b"system.posix_acl_default", b"security.capability"
_LATE = (_ACL, _DEFAULT_ACL, _CAPABILITY)
"""A change of owner takes capabilities away, and a change of mode changes an ACL: these come last."""
_SET_ID = stat.S_ISUID | stat.S_ISGID
_HOLDING = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


class Metadata:
    """Gives what was made its metadata. Each thing that can't be is a problem of its own and hinders no other.

    Root gives files to their owners. Whoever else restores keeps them, and gives them to a group he is in. Set-id bits
    only come back with the owner they are meant for.
    """

    def __init__(self, owners: Owners) -> None:
        self._owners = owners
        self._me, self._group = os.geteuid(), os.getegid()
        self._groups = {self._group, *os.getgroups()}
        self._umask = _umask()
        self._ids = cache(self._look_up)

    def mode_to_make(self, node: Node, *, inherits: bool) -> int | None:
        """The mode with which a new file of this node comes out right by itself; none where it takes more than that."""
        mode: int = node["m"]
        if inherits or "x" in node or mode & (self._umask | ~0o777):
            return None
        uid, gid = self._wanted(node)
        return mode if uid in (-1, self._me) and gid in (-1, self._group) else None

    def apply(self, where: int | str, node: Node, *, inherits: bool = False) -> list[str]:
        """To a descriptor or a path that leads to nothing else: what couldn't be set. `inherits`: an ACL, perhaps."""
        problems: list[str] = []
        self._own(where, node, problems)
        mode = node["m"]
        if mode & _SET_ID and not self._is_owned(where, node):
            mode &= ~_SET_ID
        attributes = node.get("x", ())
        if inherits:
            _strip(where)
        for name, value in attributes:
            if name not in _LATE:
                _set(where, name, value, problems)
        with _told("its mode", problems):
            os.chmod(where, mode)  # noqa: PTH101 (a descriptor)
        for name, value in attributes:
            if name in _LATE:
                _set(where, name, value, problems)
        self.apply_times(where, node, problems)
        return problems

    def apply_times(self, where: int | str, node: Node, problems: list[str]) -> None:
        if not is_on_the_way(node):
            with _told("its times", problems):
                os.utime(where, ns=_times(node))

    def apply_to_link(self, name: bytes, folder: int, node: Node) -> list[str]:
        """To a symbolic link itself."""
        problems: list[str] = []
        uid, gid = self._wanted(node)
        if (uid, gid) != (-1, -1):
            with _told("its owner", problems):
                os.chown(name, uid, gid, dir_fd=folder, follow_symlinks=False)
        for attribute, value in node.get("x", ()):
            with _told(f"its attribute {attribute.decode(errors='backslashreplace')}", problems):
                os.setxattr(b"/proc/self/fd/%d/%b" % (folder, name), attribute, value, follow_symlinks=False)
        with _told("its times", problems):
            os.utime(name, ns=_times(node), dir_fd=folder, follow_symlinks=False)
        return problems

    def differs(self, there: os.stat_result, node: Node) -> bool:
        """Whether mode, owner or time aren't those of the node (attributes are set again anyway)."""
        uid, gid = self._wanted(node)
        return (
            stat.S_IMODE(there.st_mode) != node["m"]
            or (there.st_mtime_ns != node["mt"] and not is_on_the_way(node))
            or uid not in (-1, there.st_uid)
            or gid not in (-1, there.st_gid)
            or "x" in node
        )

    def _own(self, where: int | str, node: Node, problems: list[str]) -> None:
        uid, gid = self._wanted(node)
        if (uid, gid) != (-1, -1):
            with _told("its owner", problems):
                os.chown(where, uid, gid)

    def _wanted(self, node: Node) -> tuple[int, int]:
        """Whom it can be given to; -1 for whoever has it."""
        if self._owners is Owners.NOBODY or "u" not in node or "g" not in node:
            return -1, -1
        uid, gid = self._ids(node["u"], node["g"], node.get("un"), node.get("gn"))
        if self._me == 0:
            return uid, gid
        return -1, gid if uid == self._me and gid in self._groups else -1

    def _is_owned(self, where: int | str, node: Node) -> bool:
        if self._owners is Owners.NOBODY or "u" not in node or "g" not in node:
            return False
        now = os.stat(where)  # noqa: PTH116 (a descriptor)
        return (now.st_uid, now.st_gid) == self._ids(node["u"], node["g"], node.get("un"), node.get("gn"))

    def _look_up(self, uid: int, gid: int, user: str | None, group: str | None) -> tuple[int, int]:
        if self._owners is Owners.NAMES:
            with contextlib.suppress(KeyError, ValueError):
                uid = pwd.getpwnam(user).pw_uid if user else uid
            with contextlib.suppress(KeyError, ValueError):
                gid = grp.getgrnam(group).gr_gid if group else gid
        return uid, gid


@contextlib.contextmanager
def held(name: bytes, folder: int, kind: int, seen: os.stat_result | None = None) -> Iterator[str]:
    """A path that leads to what has this name now, whatever takes the name meanwhile.

    It must be of this kind, and what was `seen` under the name before.
    """
    descriptor = os.open(name, _HOLDING, dir_fd=folder)
    try:
        now = os.fstat(descriptor)
        if stat.S_IFMT(now.st_mode) != kind or (seen is not None and not os.path.samestat(now, seen)):
            raise OSError(errno.ESTALE, "was replaced meanwhile")
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def hands_down(folder: int) -> bool:
    """Whether what is made in a folder may get an ACL or a group from it."""
    status = os.fstat(folder)
    if status.st_mode & stat.S_ISGID or status.st_gid != os.getegid():
        return True
    try:
        return bool(os.getxattr(folder, _DEFAULT_ACL))
    except OSError:
        return False


def _umask() -> int:
    """What this process takes from every mode, as the system tells it: to ask os.umask is to change it."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Umask:")).split()[1], 8)
    return 0o777


def _times(node: Node) -> tuple[int, int]:
    modified: int = node["mt"]
    return node.get("at", modified), modified


def _strip(where: int | str) -> None:
    for name in (_ACL, _DEFAULT_ACL):
        with contextlib.suppress(OSError):
            os.removexattr(where, name)


def _set(where: int | str, name: bytes, value: bytes, problems: list[str]) -> None:
    with _told(f"its attribute {name.decode(errors='backslashreplace')}", problems):
        try:
            os.setxattr(where, name, value)
        except OSError:  # who may only read a file may find that it has it already
            if not _has(where, name, value):
                raise


def _has(where: int | str, name: bytes, value: bytes) -> bool:
    try:
        return os.getxattr(where, name) == value
    except OSError:
        return False


class _told:  # noqa: N801 (used as a function: one that generates would take longer, and this runs for each file)
    """Note what the system refuses, and go on."""

    __slots__ = ("_problems", "_what")

    def __init__(self, what: str, problems: list[str]) -> None:
        self._what, self._problems = what, problems

    def __enter__(self) -> None:
        pass

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, OSError):
            return False
        self._problems.append(f"{self._what} can't be set: {error.strerror or error}")
        return True
