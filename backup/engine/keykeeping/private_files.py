"""Files that hold secrets: read only where nobody else can, and written so that nobody else does."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from backup.engine.errors import AlreadyThere, BadKeyfile, KeyRefused
from backup.engine.format.keyfile import LONGEST


def read_private(path: Path, *, lenient: bool = False) -> str:
    """The text of a file that is for us alone. Raises KeyRefused where others can read it, BadKeyfile if we can't."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            status = os.fstat(file.fileno())
            shared = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
            if not lenient and (shared or status.st_uid not in (0, os.geteuid())):
                mode = stat.S_IMODE(status.st_mode)
                raise KeyRefused(
                    f"{path} isn't for you alone (owner {status.st_uid}, mode {mode:04o}): chmod 600 {path}"
                )
            return file.read(LONGEST)
    except OSError as error:
        raise BadKeyfile(f"{path}: {error.strerror}") from error


def write_private(path: Path, text: str) -> None:
    """A new file that only we can read, whole or not at all. Raises AlreadyThere, OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError:
        raise AlreadyThere(str(path)) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise
