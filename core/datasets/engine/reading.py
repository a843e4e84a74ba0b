"""Query an encrypted Parquet file with DuckDB: only what the query needs is read and decrypted, never to a disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import duckdb
import fsspec  # type: ignore[import-untyped]

from core.files.engine import Decrypter

ROW_GROUP = 250_000
"""Rows of a group: a read of few columns touches few chunks, and two threads have work from half a million rows on."""
ADDRESS = "dataset://data.parquet"
WRITTEN = datetime(2000, 1, 1, tzinfo=UTC)
"""The file never changes, so neither does its date."""


class Handle:
    """One open file for several threads: each has its own position, and they decrypt in turn.

    DuckDB calls `seek` and `read` apart. Its threads have no lasting Python state, so positions go by thread number.
    """

    def __init__(self, source: Decrypter) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._positions: dict[int, int] = {}

    def seek(self, offset: int, _whence: int = 0) -> int:
        self._positions[threading.get_ident()] = offset
        return offset

    def tell(self) -> int:
        return self._positions.get(threading.get_ident(), 0)

    def read(self, size: int) -> bytes:
        buffer = bytearray(size)
        with self._lock:
            self._source.seek(self.tell())
            length = self._source.readinto(buffer)
        self.seek(self.tell() + length)
        return bytes(memoryview(buffer)[:length])

    def close(self) -> None:
        self._source.close()


class OneFile(fsspec.AbstractFileSystem):
    """A filesystem that holds the one file, to read."""

    protocol = "dataset"
    cachable = False

    def __init__(self, source: Callable[[], Decrypter]) -> None:
        super().__init__()
        self._open_source = source
        with source() as file:
            self._size = file.size

    def info(self, path: str, **_options: Any) -> dict[str, Any]:
        return {"name": path, "size": self._size, "type": "file"}

    def modified(self, _path: str) -> datetime:
        return WRITTEN

    def open(self, _path: str, mode: str = "rb", **_options: Any) -> Handle:
        if mode != "rb":
            raise PermissionError("a dataset is only read")
        return Handle(self._open_source())


@contextmanager
def connect(source: Callable[[], Decrypter], *, memory: str, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the view `data` and nothing else to reach: no file, no network, no extension, no setting.

    `source` opens the encrypted file, once for each thread. `memory` is DuckDB's limit (``2GB``); a query that needs
    more fails with duckdb.OutOfMemoryException, for nothing is spilled to a disk.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": "",
        "autoinstall_known_extensions": False,
    }
    with duckdb.connect(config=config) as connection:
        connection.register_filesystem(OneFile(source))
        connection.execute(f"SET allowed_paths = ['{ADDRESS}']")
        connection.execute(f"CREATE VIEW data AS FROM read_parquet('{ADDRESS}')")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
