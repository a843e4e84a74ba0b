"""The clear bytes of a file in memory, under a path that a library can open; never on a disk."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.files.engine.decryption import Decrypter


@dataclass(frozen=True)
class Memory:
    """A sealed memfd: nobody can change, grow or shrink it. It lives as long as somebody holds it open."""

    fd: int
    size: int

    @property
    def path(self) -> str:
        """Opens it in this process; a child that is given `fd` finds it under the same number."""
        return f"/proc/self/fd/{self.fd}"


@contextmanager
def in_memory(source: Decrypter) -> Iterator[Memory]:
    """The whole of `source` in a sealed memfd, closed at the end. Raises Damaged, and OSError where memory is short."""
    fd = os.memfd_create("data", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        block = memoryview(bytearray(source.chunk_bytes))
        source.seek(0)
        while length := source.readinto(block):
            write_all(fd, block[:length])
        yield sealed(fd)
    finally:
        os.close(fd)


def sealed(fd: int) -> Memory:
    """What was written to a memfd, for good."""
    seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return Memory(fd, os.fstat(fd).st_size)


def write_all(fd: int, data: memoryview) -> None:
    """Written by blocks rather than mapped: half as fast again, and short memory is an error, not a signal."""
    while data:
        data = data[os.write(fd, data) :]
