"""Databases are dumped by their own tools; no password is ever in the arguments of a program."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import EntryPoint
from pathlib import Path

import psycopg
import pytest

from backup.engine.sources import dumps
from backup.engine.sources.base import SourceFailed
from backup.engine.sources.streams import Stream, StreamSource
from core.embedded import postgres
from tests import services
from tests.backup.conftest import Vault
from tests.backup.sources.conftest import contents


@pytest.fixture
def binaries(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs, of the version of the server."""
    monkeypatch.setenv("PATH", f"{postgres.binaries()}:{os.environ['PATH']}")


@pytest.fixture
def database(binaries: None) -> Iterator[str]:
    """The address of a database with something in it."""
    name = f"dumped_{os.getpid()}"
    with psycopg.connect(postgres.url(services.folder, postgres.SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        address = postgres.url(services.folder, postgres.SUPERUSER, name)
        with psycopg.connect(address) as inside:
            inside.execute("CREATE TABLE thing (number int PRIMARY KEY, word text)")
            inside.execute("INSERT INTO thing SELECT n, 'word ' || n FROM generate_series(1, 1000) n")
        yield address
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_one_postgresql_database(vault: Vault, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dump that was saved and restored makes the same database again."""
    name = f"dumped_{os.getpid()}"
    monkeypatch.setenv("DUMPED", database)
    streams = dumps.streams("postgresql", {"database": name, "url variable": "DUMPED"}, now=5)
    vault.save(StreamSource("database", streams))
    target, _ = vault.restore()
    with psycopg.connect(database) as connection:
        connection.execute("DROP TABLE thing")
    subprocess.run(["pg_restore", f"--dbname={database}", target / "postgresql" / f"{name}.dump"], check=True)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*), max(word) FROM thing").fetchone() == (1000, "word 999")


def test_equal_parts_of_dumps_are_stored_once(vault: Vault, database: str, tmp_path: Path) -> None:
    """A second dump of a database that has hardly changed takes little room: dumps aren't compressed."""
    (tmp_path / "url").write_text(database + "\n")
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE large AS SELECT n, md5(n::text) word FROM generate_series(1, 200000) n")
    options = {"database": f"dumped_{os.getpid()}", "url file": str(tmp_path / "url")}
    first = vault.save(StreamSource("database", dumps.streams("postgresql", options, now=5)))
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO thing VALUES (1001, 'new')")
    second = vault.save(StreamSource("database", dumps.streams("postgresql", options, now=6)))
    assert second.effort.added < first.effort.added / 2


def test_all_of_postgresql(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name all databases are dumped as SQL, with the roles."""
    monkeypatch.setenv("DUMPED", database)
    found = contents(StreamSource("", dumps.streams("postgresql", {"url variable": "DUMPED"}, now=5)))
    text = found["postgresql/all.sql"]
    assert b"CREATE ROLE suite" in text
    assert f"CREATE DATABASE dumped_{os.getpid()}".encode() in text
    assert b"word 999" in text


def test_a_postgresql_that_is_not_there(vault: Vault, binaries: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the server doesn't answer there is no snapshot, and what pg_dump says is told."""
    monkeypatch.setenv("DUMPED", "postgresql:///x?host=/nowhere")
    with pytest.raises(SourceFailed, match=r"pg_dump ended with code 1: .*nowhere"):
        vault.save(StreamSource("", dumps.streams("postgresql", {"database": "x", "url variable": "DUMPED"}, now=5)))


FAKE = """#!/bin/sh
# A stand-in for {name} in tests: it writes what it was called with.
echo "{name} $*"
echo "$PGHOST $PGPORT $PGUSER $PGPASSWORD $PGDATABASE $PGSERVICE $PGSSLMODE"
"""


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for the programs of databases that aren't installed here."""
    place = tmp_path / "bin"
    place.mkdir()
    for name in ("pg_dump", "pg_dumpall", "mysqldump", "mongodump"):
        (place / name).write_text(FAKE.format(name=name))
        (place / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
    return place


def said(kind: str, options: dict[str, str]) -> tuple[str, list[str]]:
    """The path of the one stream of a dump, and the lines that its program was called with."""
    ((path, content),) = contents(StreamSource("", dumps.streams(kind, options, now=5))).items()
    return path, content.decode().splitlines()


def test_no_password_is_an_argument(fakes: Path, tmp_path: Path) -> None:
    """A connection string goes to PostgreSQL by environment variables, which others can't see."""
    (tmp_path / "url").write_text("postgresql://me:secret%20word@server:5433/else?sslmode=verify-full\n")
    path, (arguments, environment) = said("postgresql", {"database": "mine", "url file": str(tmp_path / "url")})
    assert path == "postgresql/mine.dump"
    assert arguments == "pg_dump --format=custom --compress=0 --no-password"
    assert environment == "server 5433 me secret word mine  verify-full"
    path, (arguments, environment) = said("postgresql", {"service": "main"})
    assert (path, arguments) == ("postgresql/all.sql", "pg_dumpall --no-password")
    assert environment.strip() == "main"


def test_mariadb_and_mongodb(fakes: Path, tmp_path: Path) -> None:
    """MariaDB is dumped in one transaction, MongoDB as one archive; the password is in a file that they read."""
    secret = tmp_path / "secret"
    secret.write_text("x")
    path, lines = said("mariadb", {"defaults file": str(secret), "database": "shop"})
    assert path == "mariadb/shop.sql"
    assert lines[0] == (
        f"mysqldump --defaults-extra-file={secret} --single-transaction --quick --routines --events --triggers"
        " --databases -- shop"
    )
    assert said("mariadb", {})[1][0].endswith("--all-databases")
    path, lines = said("mongodb", {"config file": str(secret)})
    assert (path, lines[0]) == ("mongodb/all.archive", f"mongodump --config={secret} --archive --quiet")
    assert said("mongodb", {"database": "a/b"})[0] == "mongodb/a_b.archive"


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("oracle", {}, "no kind of dump that is installed here: there are mariadb, mongodb, postgresql, sqlite"),
        ("mariadb", {"defaults file": "/nowhere"}, "/nowhere isn't there"),
        ("postgresql", {"url file": "/nowhere"}, "/nowhere: No such file"),
        ("postgresql", {"url variable": "NOT_SET_AT_ALL"}, "NOT_SET_AT_ALL isn't set"),
    ],
)
def test_what_makes_no_dump(fakes: Path, kind: str, options: dict[str, str], words: str) -> None:
    """A wrong option is refused before anything is run."""
    with pytest.raises(dumps.BadDump, match=words):
        dumps.streams(kind, options, now=5)


def test_a_program_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its program a database can't be dumped, and that is said."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(dumps.BadDump, match="mongodump isn't installed"):
        dumps.streams("mongodb", {}, now=5)


def test_kinds_that_others_bring(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package brings its own kind of dump by an entry point."""
    entry = EntryPoint("theirs", f"{__name__}:of_theirs", dumps.GROUP)
    monkeypatch.setattr(dumps, "entry_points", lambda group, name=None: [entry] if name in (None, "theirs") else [])
    assert "theirs" in dumps.kinds()
    assert [stream.path for stream in dumps.streams("theirs", {"a": "b"}, now=5)] == ["theirs/b at 5"]


def of_theirs(options: dict[str, str], now: int) -> list[Stream]:
    return [Stream(f"theirs/{options['a']} at {now}", lambda: None)]  # type: ignore[arg-type, return-value]


def test_sqlite_while_it_is_written_to(vault: Vault, tmp_path: Path) -> None:
    """A SQLite database comes out as one moment of it, whoever writes meanwhile, and leaves nothing on the disk."""
    path = tmp_path / "data.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE pair (one int, other int)")
        connection.commit()
    over = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(path)) as connection:
            number = 0
            while not over.is_set():
                number += 1
                connection.execute("INSERT INTO pair VALUES (?, ?)", (number, number))
                connection.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        options = {"file": str(path), "folder": str(tmp_path)}
        vault.save(StreamSource("", dumps.streams("sqlite", options, now=5)))
    finally:
        over.set()
        writer.join()
    target, _ = vault.restore()
    with closing(sqlite3.connect(target / "sqlite" / "data.db")) as connection:
        assert connection.execute("SELECT count(*) FROM pair WHERE one <> other").fetchone() == (0,)
    assert not list(tmp_path.glob("suite-backup-*"))


def test_sqlite_that_is_damaged(vault: Vault, tmp_path: Path) -> None:
    """A damaged database, none at all, or one of which no copy can be made, makes no snapshot."""
    path = tmp_path / "data.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE thing AS"
            " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) SELECT i FROM n"
        )
        connection.commit()
    raw = bytearray(path.read_bytes())
    raw[5000:9000] = os.urandom(4000)
    path.write_bytes(raw)
    sound = tmp_path / "sound.db"
    sqlite3.connect(sound).close()
    nowhere = {"file": str(sound), "folder": str(tmp_path / "nowhere")}
    for options in ({"file": str(path)}, {"file": str(tmp_path / "none.db")}, {"file": __file__}, nowhere):
        with pytest.raises(SourceFailed):
            vault.save(StreamSource("", dumps.streams("sqlite", options, now=5)))
    assert vault.as_reader().snapshots() == []
