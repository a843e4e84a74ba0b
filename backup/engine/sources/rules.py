"""What of a tree is left out, and how closely the rest is looked at."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from backup.engine.sources.opening import READING
from backup.engine.sources.patterns import NOTHING, Patterns

CACHE_TAG = b"CACHEDIR.TAG"
_SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55"
"""https://bford.info/cachedir/"""


@dataclass(frozen=True)
class Rules:
    exclude: Patterns = NOTHING
    markers: tuple[bytes, ...] = ()
    """Of a folder that holds a file of such a name, only that file is saved (`.nobackup`)."""
    caches: bool = True
    """Whether folders are saved whole that say of themselves that they are caches."""
    larger_than: int | None = None
    """Larger files are left out."""
    one_file_system: bool = False
    """Whether what is mounted somewhere below is left out."""
    atime: bool = False
    xattrs: bool = True

    @property
    def filters(self) -> bool:
        """Whether `leaves_out` may ever say so."""
        return bool(self.exclude) or self.larger_than is not None

    def marks(self, names: Iterable[bytes], folder: int) -> set[bytes]:
        """Those of a folder's names that say that nothing else of it is to be saved."""
        if not self.markers and self.caches:
            return set()
        found = set(self.markers).intersection(names)
        if not self.caches and CACHE_TAG in names and _is_cache_tag(folder):
            found.add(CACHE_TAG)
        return found

    def leaves_out(self, path: str, status: os.stat_result) -> bool:
        mode = status.st_mode
        if self.larger_than is not None and stat.S_ISREG(mode) and status.st_size > self.larger_than:
            return True
        return self.exclude.match(path, is_folder=stat.S_ISDIR(mode))


EVERYTHING = Rules()


def _is_cache_tag(folder: int) -> bool:
    try:
        descriptor = os.open(CACHE_TAG, READING, dir_fd=folder)
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode) and os.read(descriptor, len(_SIGNATURE)) == _SIGNATURE
    except OSError:
        return False
    finally:
        os.close(descriptor)
