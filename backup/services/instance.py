"""What a plan of the whole instance saves: its database, every stored file as it lies, and what a recovery must know.

The files stay encrypted as they are, and the keys in the dump stay wrapped: who opens the backup reads no health data
without the instance's own key, which is never in it.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.utils.translation import gettext as _
from psycopg.pq import Conninfo

from backup.engine.sources import dumps
from backup.engine.sources.base import Unreadable
from backup.engine.sources.streams import Readable, Stream
from backup.services.contents import Contents
from core.config import env
from core.embedded import postgres
from core.embedded.errors import CantStart
from core.errors import Conflict
from core.files import services as files
from core.files.models import StoredFile
from core.vault import engine
from core.vault.models import ProjectKey

DUMP, FILES, ABOUT = "database/suite.dump", "files", "recovery.json"
CLIENTS = ("/usr/lib/postgresql/*/bin/pg_dump", "/usr/pgsql-*/bin/pg_dump")
"""Where Debian and Red Hat keep the programs of each version."""


@contextmanager
def contents() -> Iterator[Contents]:
    """The database and its files as they are at one moment. Raises Conflict where no pg_dump fits the server."""
    with psycopg.connect(**connection_string(), autocommit=True) as held:  # type: ignore[arg-type]
        server = held.info.server_version // 10_000
        program, version = pg_dump(server)
        held.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        held.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        [[snapshot, size]] = held.execute("SELECT pg_export_snapshot(), pg_database_size(current_database())")
        now = time.time_ns()
        environment = dumps.variables(connection_string())
        dump = dumps.pg_dump(DUMP, program, environment, now=now, snapshot=snapshot)
        stored = list(_files(held))
        about = _about(held, version, len(stored))
        text = json.dumps(about, indent=1, ensure_ascii=False).encode()
        # Once the dump has been read, nothing keeps this transaction open any more.
        opening = _then(dump.open, held.close)
        streams = [
            Stream(DUMP, opening, size, now),
            Stream(ABOUT, lambda: io.BytesIO(text), len(text), now),
            *stored,
        ]
        yield Contents(streams, 0, sum(stream.size for stream in streams))


def connection_string() -> dict[str, str]:
    """How this very process reaches the database, in the words of libpq."""
    row = connection.settings_dict
    said = {"dbname": row["NAME"], "user": row["USER"], "password": row["PASSWORD"], "host": row["HOST"]}
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    said |= {"port": row["PORT"]} | {name: value for name, value in row["OPTIONS"].items() if name in known}
    return {name: str(value) for name, value in said.items() if value not in ("", None)}


def pg_dump(server: int) -> tuple[str, int]:
    """The program that can dump a server of this version, and its own version. Raises Conflict."""
    words = {"server": server}
    found = {version: path for path in _candidates() if (version := _version(path))}
    if fitting := [version for version in found if version >= server]:
        return found[min(fitting)], min(fitting)
    if not found:
        message = _(
            "pg_dump isn’t installed where the suite’s worker runs. Install the PostgreSQL %(server)s client there."
        )
        raise Conflict(message % words, "no-pg-dump")
    message = _(
        "The pg_dump of the suite’s worker is of PostgreSQL %(found)s and can’t dump the server, which is "
        "PostgreSQL %(server)s. Install the PostgreSQL %(server)s client there."
    )
    raise Conflict(message % (words | {"found": max(found)}), "old-pg-dump")


def _candidates() -> Iterator[str]:
    if found := shutil.which("pg_dump"):
        yield found
    for pattern in CLIENTS:
        yield from sorted(str(path) for path in Path("/").glob(pattern.lstrip("/")))
    try:
        yield str(postgres.binaries() / "pg_dump")
    except CantStart:
        return


def _version(path: str) -> int:
    """The major version of a pg_dump; 0 where it doesn't run."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"(\d+)", done.stdout)
    return int(found[1]) if found else 0


def _files(held: psycopg.Connection[Any]) -> Iterator[Stream]:
    """Every file that the dump has a row of, as it lies."""
    columns, table = "id, size, place, created_at", StoredFile._meta.db_table
    rows = held.execute(f"SELECT {columns} FROM {table} WHERE erased_at IS NULL ORDER BY id")  # noqa: S608  (our names)
    for pk, size, place, created_at in rows:
        stored = StoredFile(pk=pk, size=size, place=place)
        modified = int(created_at.timestamp()) * 1_000_000_000
        # Written once, and kept as it is when its project's key is renewed: its id is its content.
        yield Stream(f"{FILES}/{stored.storage_name}", _opening(stored), size, modified, pk.bytes)


def _opening(stored: StoredFile) -> Callable[[], Readable]:
    def opening() -> Readable:
        try:
            return io.BufferedReader(files.bytes_of(stored), 1 << 20)
        except files.Damaged as error:
            raise Unreadable(f"{stored.pk}: {type(error).__name__}") from error

    return opening


def _about(held: psycopg.Connection[Any], version: int, count: int) -> Mapping[str, Any]:
    """What somebody must know who has nothing but the backup. No secret is in it."""
    wrapped = ProjectKey.objects.filter(destroyed_at=None).values_list("wrapped", flat=True)
    told = {one.name: os.environ[one.name] for one in env.SETTINGS if not one.secret and os.environ.get(one.name)}
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": connection.settings_dict["NAME"],
        "postgresql": held.info.server_version // 10_000,
        "pg_dump": version,
        "files": count,
        "instance_keys": sorted({engine.version_of(bytes(one)) for one in wrapped}),
        "settings": told,
        "how": "deploy/README.md, «Losing everything»",
    }


def _then(opening: Callable[[], Readable], act: Callable[[], None]) -> Callable[[], Readable]:
    """A stream after whose end something is done."""

    class Ending:
        def __init__(self) -> None:
            self._stream = opening()

        def readinto(self, buffer: memoryview, /) -> int | None:
            return self._stream.readinto(buffer)

        def close(self) -> None:
            try:
                self._stream.close()
            finally:
                act()

    return Ending
