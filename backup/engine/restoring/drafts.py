"""Files while they are written: without their name until they are whole."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from dataclasses import dataclass

_PREFIX = b".suite-restore-"
_NAME = re.compile(re.escape(_PREFIX) + rb"[0-9a-f]{16}")
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NAMELESS = os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC
_NOT_HERE = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT)
"""What a system answers that has no files without a name."""


@dataclass(slots=True)
class Draft:
    """A new file, open to be written and read back."""

    descriptor: int
    temporary: bytes | None
    """The name it has meanwhile, if it has one."""
    replaces: bool

    @classmethod
    def make(cls, folder: int, *, replaces: bool, mode: int | None = None) -> Draft:
        """In a folder, in the end under a name that is free, or to take the place of what has it."""
        if not replaces:
            try:
                return cls(os.open(b".", _NAMELESS, mode or 0o600, dir_fd=folder), None, False)
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
        temporary = temporary_name()
        return cls(os.open(temporary, _NEW, mode or 0o600, dir_fd=folder), temporary, replaces)

    def settle(self, folder: int, name: bytes) -> None:
        """Give it its name. Raises FileExistsError where something has it that it doesn't replace."""
        if self.temporary is None:
            source = f"/proc/self/fd/{self.descriptor}"
            os.link(source, name, dst_dir_fd=folder, follow_symlinks=True)
            return
        if not self.replaces and exists(folder, name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        os.rename(self.temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        self.temporary = None

    def close(self) -> None:
        os.close(self.descriptor)

    def discard(self, folder: int) -> None:
        if self.temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(self.temporary, dir_fd=folder)


def temporary_name() -> bytes:
    return _PREFIX + secrets.token_hex(8).encode()


def exists(folder: int, name: bytes) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def is_left_over(folder: int, name: bytes) -> bool:
    """Whether a restore that was killed left this: a file or a link under a name that only restores give."""
    if not _NAME.fullmatch(name):
        return False
    kind = stat.S_IFMT(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    return kind != stat.S_IFDIR


def write(descriptor: int, content: bytes | memoryview, offset: int) -> None:
    """All of it. Raises OSError."""
    written = os.pwrite(descriptor, content, offset)
    while written < len(content):  # a full disk takes a part at first, and refuses then
        view = memoryview(content)[written:]
        content, offset = view, offset + written
        written = os.pwrite(descriptor, content, offset)
