"""What a writer remembers on its own machine, since it can read nothing back: its packs, its files, its last snapshot.

Losing it costs a full upload, never data. Names of files are kept as keyed hashes.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backup.engine.errors import Busy
from backup.engine.format import blobs
from backup.engine.format.packs import Written

_SCHEMA = """
create table if not exists packs (
  name blob primary key, size integer, kind blob, entries blob, indexed blob
) without rowid;
create table if not exists files (key blob primary key, signature blob, node blob) without rowid;
create table if not exists facts (name text primary key, value blob) without rowid;
"""


@dataclass(frozen=True)
class Last:
    """The writer's newest snapshot, as far as it knows."""

    sequence: int = 0
    digest: bytes = bytes(32)


NOTHING = Last()


class State:
    """One writer's memory; held by one process at a time. The pack writer's thread and the caller's share it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock_file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock_file)
            raise Busy("another save with this key is under way") from None
        self._lock = threading.Lock()
        self._database = sqlite3.connect(folder / "state.sqlite3", check_same_thread=False, isolation_level=None)
        self._database.execute("pragma journal_mode=wal")
        self._database.execute("pragma synchronous=full")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        self._database.close()
        os.close(self._lock_file)

    def __enter__(self) -> State:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def packs(self) -> dict[bytes, tuple[int, bytes | None]]:
        """Every pack written: its size and the index that lists it, if one does."""
        return {name: (size, indexed) for name, size, indexed in self._rows("select name, size, indexed from packs")}

    def forget(self, names: Iterable[bytes]) -> None:
        """Drop packs that the store has lost."""
        self._many("delete from packs where name = ?", [(name,) for name in names])

    def known(self) -> dict[bytes, object]:
        """The id of every blob in the packs that are remembered."""
        known: dict[bytes, object] = {}
        for (entries,) in self._rows("select entries from packs"):
            known.update(dict.fromkeys(blobs.ids(entries)))
        return known

    def wrote(self, pack: Written) -> None:
        """Remember a pack that is durable: the next save uses it even if this one is killed."""
        row = (pack.name, pack.size, pack.kind, pack.entries)
        self._many("insert or replace into packs values (?, ?, ?, ?, null)", [row])

    def unindexed(self) -> Iterator[Written]:
        for row in self._rows("select name, size, kind, entries from packs where indexed is null order by name"):
            yield Written(*row)

    def unindex(self, indexes: Iterable[bytes] | None = None) -> None:
        """Have the packs of these indexes, or all packs, listed again."""
        if indexes is None:
            self._many("update packs set indexed = null where ?", [(1,)])
        else:
            self._many("update packs set indexed = null where indexed = ?", [(name,) for name in indexes])

    def indexed(self, index: bytes, packs: Iterable[bytes]) -> None:
        self._many("update packs set indexed = ? where name = ?", [(index, name) for name in packs])

    def files(self) -> dict[bytes, tuple[bytes, bytes]]:
        """Keyed hash of a path -> signature of the file and what its node held."""
        return {key: (signature, node) for key, signature, node in self._rows("select key, signature, node from files")}

    def last(self) -> Last:
        rows = list(self._rows("select value from facts where name = 'last'"))
        return Last(int.from_bytes(rows[0][0][:8], "big"), rows[0][0][8:]) if rows else NOTHING

    def finish(self, last: Last, files: Iterable[tuple[bytes, bytes, bytes]]) -> None:
        """Remember the snapshot that was just written and the files read for it."""
        with self._lock:
            self._database.execute("begin immediate")
            self._database.executemany("insert or replace into files values (?, ?, ?)", files)
            value = last.sequence.to_bytes(8, "big") + last.digest
            self._database.execute("insert or replace into facts values ('last', ?)", (value,))
            self._database.execute("commit")

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query).fetchall()

    def _many(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        with self._lock:
            self._database.execute("begin immediate")
            self._database.executemany(statement, rows)
            self._database.execute("commit")
