"""What a file carries beside its content: extended attributes, with ACLs and capabilities, and its owners' names."""

from __future__ import annotations

import errno
import grp
import os
import pwd
from collections.abc import Callable
from functools import lru_cache

from backup.engine.sources.base import is_text

_HELD = "/proc/self/fd/{}"
_NONE = (errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.ENODATA, errno.ENOENT, errno.ELOOP)
"""What a file system answers that has none, or shows none to this user; or the file has gone since."""


def extended(path: bytes, hold: Callable[[], int]) -> list[list[bytes]]:
    """Names and values, ascending. `hold` opens the file for a look, safely: it is called where there is something."""
    try:
        if not os.listxattr(path, follow_symlinks=False):
            return []
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            return []
    descriptor = hold()
    try:
        held = _HELD.format(descriptor)
        found = {os.fsencode(name): _value(held, name) for name in _names(held)}
        return [[name, value] for name, value in sorted(found.items()) if value is not None]
    finally:
        os.close(descriptor)


def _names(held: str) -> list[str]:
    try:
        return os.listxattr(held)
    except OSError as error:
        if error.errno in _NONE:
            return []
        raise


def _value(held: str, name: str) -> bytes | None:
    try:
        return os.getxattr(held, name)
    except OSError as error:
        if error.errno in _NONE:
            return None
        raise


@lru_cache(4096)
def user_name(number: int) -> str | None:
    try:
        return _text(pwd.getpwuid(number).pw_name)
    except (KeyError, OverflowError):
        return None


@lru_cache(4096)
def group_name(number: int) -> str | None:
    try:
        return _text(grp.getgrgid(number).gr_name)
    except (KeyError, OverflowError):
        return None


def _text(name: str) -> str | None:
    """A name that is UTF-8; of others the number is kept alone."""
    return name if is_text(name) else None
