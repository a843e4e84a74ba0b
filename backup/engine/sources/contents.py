"""The content of a file while it is read, with its holes."""

from __future__ import annotations

import errno
import os

from backup.engine.sources.opening import unreadable

_SMALLEST_HOLE = 64 << 10
"""A smaller hole is read as the zeros that it stands for…"""
_MANY = 1024
"""…and each time so many stretches are found, twice as small a one: there are never too many to list."""


class FileContent:
    """A file without holes. Takes the descriptor over."""

    def __init__(self, descriptor: int, path: bytes, listed: os.stat_result) -> None:
        self._descriptor, self._path, self._listed = descriptor, path, listed

    @property
    def extents(self) -> list[tuple[int, int]] | None:
        return None

    def readinto(self, buffer: memoryview, /) -> int:
        try:
            return self._fill(buffer)
        except OSError as error:
            raise unreadable(self._path, error) from error

    def steady(self) -> bool:
        now, then = os.fstat(self._descriptor), self._listed
        return (now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino, now.st_dev) == (
            then.st_mtime_ns,
            then.st_ctime_ns,
            then.st_size,
            then.st_ino,
            then.st_dev,
        )

    def close(self) -> None:
        os.close(self._descriptor)

    def _fill(self, buffer: memoryview) -> int:
        return os.readv(self._descriptor, [buffer])


class SparseContent(FileContent):
    """A file with holes: only what lies between them is read, however large they are."""

    def __init__(self, descriptor: int, path: bytes, listed: os.stat_result) -> None:
        super().__init__(descriptor, path, listed)
        self._extents: list[tuple[int, int]] = []
        self._start = self._at = self._end = 0

    @classmethod
    def instead_of(cls, content: FileContent) -> SparseContent:
        return cls(content._descriptor, content._path, content._listed)

    @property
    def extents(self) -> list[tuple[int, int]] | None:
        whole = [(0, self._listed.st_size)]
        return None if self._extents == whole else self._extents

    def _fill(self, buffer: memoryview) -> int:
        if self._at == self._end and not self._advance():
            return 0
        count = os.preadv(self._descriptor, [buffer[: self._end - self._at]], self._at)
        if not count:  # it shrank
            self._end = self._at
            return 0
        self._at += count
        stretch = (self._start, self._at - self._start)
        if self._extents and self._extents[-1][0] == self._start:
            self._extents[-1] = stretch
        else:
            self._extents.append(stretch)
        return count

    def _advance(self) -> bool:
        """Find the next stretch of data; none after the last."""
        start = self._seek(self._at, os.SEEK_DATA)
        if start is None:
            return False
        least = _SMALLEST_HOLE << len(self._extents) // _MANY
        self._start = self._at = start
        end: int | None = start
        while end is not None:
            self._end = os.lseek(self._descriptor, end, os.SEEK_HOLE)
            end = self._seek(self._end, os.SEEK_DATA)
            if end is not None and end - self._end >= least:
                break
        return True

    def _seek(self, offset: int, what: int) -> int | None:
        try:
            return os.lseek(self._descriptor, offset, what)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return None
            raise


def has_holes(status: os.stat_result) -> bool:
    """Whether it is worth to look for holes."""
    return status.st_blocks * 512 < status.st_size
