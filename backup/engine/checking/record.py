"""What was found sound and when, kept beside the checker: a check that was stopped goes on where it was."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

_SCHEMA = "create table if not exists sound (what blob primary key, since integer) without rowid"


class Record:
    """A small file that may be lost: then everything is read again. Safe to use from several threads."""

    def __init__(self, path: Path, *, max_age: int, now: int) -> None:
        """What was found sound up to `max_age` nanoseconds before `now` counts as sound."""
        self._lock = threading.Lock()
        self._now = now
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("pragma journal_mode=wal")
        self._database.execute(_SCHEMA)
        self._database.execute("delete from sound where since < ? or since > ?", (now - max_age, now))

    def __contains__(self, what: bytes) -> bool:
        with self._lock:
            row = self._database.execute("select 1 from sound where what = ?", (what,)).fetchone()
        return row is not None

    def add(self, whats: Iterable[bytes]) -> None:
        rows = [(what, self._now) for what in whats]
        with self._lock:
            self._database.execute("begin immediate")
            self._database.executemany("insert or replace into sound values (?, ?)", rows)
            self._database.execute("commit")

    def forget(self, what: bytes) -> None:
        with self._lock:
            self._database.execute("delete from sound where what = ?", (what,))

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Record:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
