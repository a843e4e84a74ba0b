from __future__ import annotations

import os
import signal
import stat

import psycopg
import pytest

from core.embedded import postgres, process
from core.embedded.folder import Folder


@pytest.fixture
def running(folder: Folder) -> Folder:
    postgres.start(folder)
    return folder


def query(folder: Folder, statement: str, user: str = postgres.USER) -> list[tuple[object, ...]]:
    with psycopg.connect(postgres.url(folder, user), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


WAYS = ["direct"] if os.geteuid() else sorted({"setpriv", postgres.mode()})
"""How the user of the tests may run PostgreSQL: root can always become nobody, and mostly has a namespace."""


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_run_it(folder: Folder, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Root too starts and stops the server, in a namespace or as nobody, and no folder is opened for that."""
    monkeypatch.setattr(postgres, "mode", lambda: way)
    postgres.start(folder)
    assert query(folder, "SELECT current_user") == [(postgres.USER,)]
    assert stat.S_IMODE(folder.path.stat().st_mode) == stat.S_IMODE(folder.run.stat().st_mode) == 0o700
    postgres.stop(folder)
    assert postgres.pid(folder) is None


def test_a_running_server_is_used_again(running: Folder) -> None:
    """A second start finds the server and starts none."""
    number = postgres.pid(running)
    assert postgres.start(running) is False
    assert postgres.pid(running) == number


def test_data_outlive_the_server(running: Folder) -> None:
    """What was written is there after a stop and a start."""
    query(running, "CREATE TABLE note AS SELECT 'kept' AS text")
    postgres.stop(running)
    assert postgres.pid(running) is None
    assert postgres.start(running) is True
    assert query(running, "SELECT text FROM note") == [("kept",)]


def test_a_killed_server_starts_again(running: Folder) -> None:
    """After kill -9 the pid file is stale and other processes of the server remain: the next start copes with both."""
    query(running, "CREATE TABLE note AS SELECT 'kept' AS text")
    with psycopg.connect(postgres.url(running)) as busy:
        number = postgres.pid(running)
        assert number is not None
        os.kill(number, signal.SIGKILL)
        assert process.wait_for_end(number, 10)
        assert postgres.pid(running) is None
        assert postgres.start(running) is True
        with pytest.raises(psycopg.OperationalError):
            busy.execute("SELECT 1")
    assert query(running, "SELECT text FROM note") == [("kept",)]


def test_a_number_used_by_another_is_not_taken_for_the_server(running: Folder) -> None:
    """After a reboot the number in the pid file may be anybody's: it is neither reused nor stopped."""
    postgres.stop(running)
    stale = f"{os.getpid()}\n{running.postgres}\n1\n5432\n"
    (running.postgres / "postmaster.pid").write_text(stale)
    assert postgres.pid(running) is None
    assert postgres.start(running) is True
    assert postgres.pid(running) not in (None, os.getpid())


def test_a_broken_first_start_is_begun_anew(folder: Folder) -> None:
    """A database whose making was broken off is thrown away, not used half made."""
    (folder.path / "postgres.new").mkdir()
    (folder.path / "postgres.new" / "PG_VERSION").write_text("18")
    assert postgres.start(folder, durable=False) is True
    assert query(folder, "SELECT 1") == [(1,)]


def test_the_suite_is_no_superuser(standing: Folder) -> None:
    """The suite's own user can't switch off what protects the journal; who owns the machine can."""
    rights = "SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    assert query(standing, rights) == [(False, False, True)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(standing, "SET session_replication_role = replica")
    assert query(standing, "SHOW is_superuser", user=postgres.SUPERUSER) == [("on",)]


def test_nobody_else_reaches_the_server(standing: Folder) -> None:
    """It listens on no network address, and its socket is its owner's."""
    assert query(standing, "SHOW listen_addresses") == [("",)]
    socket = standing.sockets / ".s.PGSQL.5432"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(standing.postgres.stat().st_mode) == 0o700


def test_sorting_does_not_depend_on_the_machine(standing: Folder) -> None:
    """Text sorts by code point, the same on every machine, and upper case knows accents."""
    assert query(standing, "SELECT array_agg(x ORDER BY x), upper('é') FROM unnest(array['é', 'b', 'B']) x") == [
        (["B", "b", "é"], "É")
    ]


@pytest.mark.parametrize("extension", ["pg_trgm", "unaccent", "btree_gist", "citext"])
def test_the_extensions_a_migration_may_ask_for(standing: Folder, extension: str) -> None:
    """The suite's own user can create the extensions that migrations use."""
    query(standing, f"CREATE EXTENSION IF NOT EXISTS {extension}")
    assert query(standing, f"SELECT count(*) FROM pg_extension WHERE extname = '{extension}'") == [(1,)]


def test_what_is_committed_is_on_the_disk(standing: Folder) -> None:
    """Outside tests a commit waits for the disk; for tests it doesn't."""
    assert query(standing, "SELECT current_setting('fsync'), current_setting('synchronous_commit')") == [("on", "on")]
    assert "fsync = 'off'" in postgres.configuration(standing, durable=False)
