"""What a writer remembers on its own machine, since it can read nothing back: packs, folders, its last snapshot.

Losing it costs a full upload, never data. What it knows of folders is encrypted under a key of the keyfile.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backup.engine.errors import Busy
from backup.engine.format.packs import Written

_SCHEMA = """
create table if not exists packs (
  name blob primary key, size integer, kind blob, entries blob, indexed blob, manifest text, used integer
) without rowid;
create view if not exists relied as select * from packs where manifest is null or used;
create table if not exists indexes (name blob primary key, size integer) without rowid;
create table if not exists folders (key blob primary key, row blob) without rowid;
create table if not exists facts (name text primary key, value blob) without rowid;
"""


_PAGE = 500


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

    # Packs

    def packs(self) -> dict[bytes, tuple[int, bytes | None]]:
        """Every pack relied on: its size and the index that lists it, if one does."""
        rows = self._rows("select name, size, indexed from relied")
        return {name: (size, indexed) for name, size, indexed in rows}

    def every_pack(self) -> dict[bytes, int]:
        """Every pack known, relied on or not, with its size."""
        return dict(self._rows("select name, size from packs"))

    def forget(self, names: Iterable[bytes]) -> None:
        """Drop packs that the store has lost or is to lose: what is known of folders is to be looked at again."""
        dropped = [(name,) for name in names]
        if dropped:
            self._many("delete from packs where name = ?", dropped)
            self._set("generation", self.generation + 1)

    def wrote(self, pack: Written) -> None:
        """Remember a pack that is durable: the next save uses it even if this one is killed."""
        row = (pack.name, pack.size, pack.kind, pack.entries)
        self._many("insert or replace into packs values (?, ?, ?, ?, null, null, 1)", [row])

    def learn(self, manifest: str, packs: Iterable[Written]) -> None:
        """Remember packs that a manifest vouches for. They are relied on once something in them is used."""
        rows = [(pack.name, pack.size, pack.kind, pack.entries, manifest) for pack in packs]
        self._many("insert or ignore into packs values (?, ?, ?, ?, null, ?, 0)", rows)
        self._many("insert or replace into facts values ('manifest ' || ?, x'')", [(manifest,)])

    def manifests(self) -> frozenset[str]:
        """The names of the manifests learnt."""
        rows = self._rows("select substr(name, 10) from facts where name like 'manifest %'")
        return frozenset(name for (name,) in rows)

    def use(self, name: bytes) -> None:
        """Rely on a pack that a manifest vouches for."""
        self._many("update packs set used = 1 where name = ?", [(name,)])

    def entries(self) -> Iterator[tuple[bytes, bytes, bool]]:
        """Every pack known: its name, its entries, and whether it is relied on already."""
        for name, entries, relied in self._in_pages("select name, entries, manifest is null or used from packs"):
            yield name, entries, bool(relied)

    def entries_of(self, name: bytes) -> bytes:
        (entries,) = self._rows("select entries from packs where name = ?", name)[0]
        found: bytes = entries
        return found

    # Indexes

    def unindexed(self) -> Iterator[Written]:
        query = "select name, size, kind, entries from (select * from relied where indexed is null)"
        for row in self._in_pages(query):
            yield Written(*row)

    def unindex(self, indexes: Iterable[bytes]) -> None:
        """Have the packs of these indexes listed again."""
        gone = [(name,) for name in indexes]
        self._many("update packs set indexed = null where indexed = ?", gone)
        self._many("delete from indexes where name = ?", gone)

    def indexed(self, index: bytes, size: int, packs: Iterable[bytes]) -> None:
        self._many("insert or replace into indexes values (?, ?)", [(index, size)])
        self._many("update packs set indexed = ? where name = ?", [(index, name) for name in packs])

    def indexes(self) -> dict[bytes, int]:
        """The indexes that list packs relied on, with their sizes."""
        return dict(self._rows("select name, size from indexes where name in (select indexed from relied)"))

    # Folders and snapshots

    @property
    def generation(self) -> int:
        """Grows whenever packs are lost: a folder looked at before may name blobs that are no more."""
        return self._get("generation")

    @property
    def config(self) -> int:
        """The highest number of a config that was seen."""
        return self._get("config")

    def saw_config(self, number: int) -> None:
        self._set("config", number)

    def folder(self, key: bytes) -> bytes | None:
        """What is known of a folder, encrypted."""
        rows = self._rows("select row from folders where key = ?", key)
        return rows[0][0] if rows else None

    def last(self) -> Last:
        rows = self._rows("select value from facts where name = 'last'")
        return Last(int.from_bytes(rows[0][0][:8], "big"), rows[0][0][8:]) if rows else NOTHING

    def root(self, mark: str) -> bytes:
        """The root of the newest snapshot of the source with this mark, as far as it is known."""
        rows = self._rows("select value from facts where name = 'root ' || ?", mark)
        return bytes(rows[0][0]) if rows else b""

    def finish(self, last: Last, folders: Mapping[bytes, bytes], mark: str, root: bytes) -> None:
        """Remember the snapshot of a source that was just written, and the folders as it found them."""
        with self._lock:
            self._database.execute("begin immediate")
            self._database.executemany("insert or replace into folders values (?, ?)", folders.items())
            value = last.sequence.to_bytes(8, "big") + last.digest
            facts = [("last", value), ("root " + mark, root)]
            self._database.executemany("insert or replace into facts values (?, ?)", facts)
            self._database.execute("commit")

    def _get(self, name: str) -> int:
        rows = self._rows("select value from facts where name = ?", name)
        return int(rows[0][0]) if rows else 0

    def _set(self, name: str, value: int) -> None:
        self._many("insert or replace into facts values (?, ?)", [(name, value)])

    def _in_pages(self, query: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query by their names, which come first, some at a time: the entries of all packs are many."""
        last = b""
        while page := self._rows(f"{query} where name > ? order by name limit ?", last, _PAGE):
            yield from page
            last = page[-1][0]

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def _many(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            return
        with self._lock:
            self._database.execute("begin immediate")
            self._database.executemany(statement, rows)
            self._database.execute("commit")
