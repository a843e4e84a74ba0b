"""Give a finished file its name, and take it from nobody: on disks too that have no hard links (exFAT, some shares)."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
_AT_FDCWD, _NOREPLACE = -100, 1
_NOT_KNOWN = (errno.EINVAL, errno.ENOSYS)


def give_name(file: Path, name: Path) -> None:
    """Both lie on one disk. Where there are links, `file` stays and is one more name. Raises FileExistsError."""
    try:
        os.link(file, name)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename(file, name)


def _rename(file: Path, name: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(_AT_FDCWD, os.fsencode(file), _AT_FDCWD, os.fsencode(name), _NOREPLACE) == 0:
        return
    number = ctypes.get_errno()
    if number not in _NOT_KNOWN:
        raise OSError(number, os.strerror(number), str(file), None, str(name))
    if os.path.lexists(name):  # as good as it gets there: two at the very same moment may not see each other
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(name))
    file.rename(name)
