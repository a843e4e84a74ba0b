"""Dumps of databases as streams: what their own tools write, uncompressed, so that equal parts are stored once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path

from backup.engine.errors import BackupError
from backup.engine.sources.commands import command
from backup.engine.sources.sqlite import sqlite
from backup.engine.sources.streams import Stream

GROUP = "suite_backup.streams"
"""The entry points of packages that bring other kinds: a function of the options (text to text) and `now`."""
Dump = Callable[[Mapping[str, str], int], Sequence[Stream]]


class BadDump(BackupError):
    """What is said of a dump doesn't make one."""


def postgresql(options: Mapping[str, str], now: int) -> list[Stream]:
    """`database`: one database, as pg_dump's custom format; without it all of them with their roles, as SQL.

    Where it is: `service` (of the service file), or `url file` or `url variable`, a file or an environment variable
    that holds the connection string. No password is ever an argument of a program, where others could see it.
    """
    environment = _connection(options)
    database = options.get("database")
    if database is None:
        arguments = [_program("pg_dumpall"), "--no-password"]
        return [command("postgresql/all.sql", arguments, now=now, environment=environment, may_be_empty=False)]
    environment["PGDATABASE"] = database
    return [pg_dump(f"postgresql/{_name(database)}.dump", _program("pg_dump"), environment, now=now)]


def pg_dump(path: str, program: str, environment: Mapping[str, str], *, now: int, snapshot: str = "") -> Stream:
    """One database in the custom format, as the environment says where it is; as a transaction's snapshot shows it."""
    arguments = [program, "--format=custom", "--compress=0", "--no-password"]
    arguments += [f"--snapshot={snapshot}"] if snapshot else []
    return command(path, arguments, now=now, environment=environment, may_be_empty=False)


def mariadb(options: Mapping[str, str], now: int) -> list[Stream]:
    """`database`: one database, without it all. `defaults file`: an option file with the user and the password."""
    database = options.get("database")
    if database is not None and database.startswith("-"):  # it is an argument: this one would be an option
        raise BadDump(f"{database!r} is no name of a database")
    arguments = [
        _program("mariadb-dump", "mysqldump"),
        *_file(options, "defaults file", "--defaults-extra-file="),
        "--single-transaction",
        "--quick",
        "--routines",
        "--events",
        "--triggers",
        *(["--databases", "--", database] if database else ["--all-databases"]),  # a name is never taken for an option
    ]
    path = f"mariadb/{_name(database or 'all')}.sql"
    return [command(path, arguments, now=now, may_be_empty=False)]


def mongodb(options: Mapping[str, str], now: int) -> list[Stream]:
    """`database`: one database, without it all. `config file`: a file with `uri` or `password`, for mongodump."""
    database = options.get("database")
    arguments = [
        _program("mongodump"),
        *_file(options, "config file", "--config="),
        "--archive",
        "--quiet",
        *([f"--db={database}"] if database else []),
    ]
    path = f"mongodb/{_name(database or 'all')}.archive"
    return [command(path, arguments, now=now, may_be_empty=False)]


KINDS: dict[str, Dump] = {"postgresql": postgresql, "mariadb": mariadb, "mongodb": mongodb, "sqlite": sqlite}


def streams(kind: str, options: Mapping[str, str], *, now: int) -> Sequence[Stream]:
    """The streams of a dump. Raises BadDump where there is no such kind or program, or an option is wrong."""
    if kind in KINDS:
        return KINDS[kind](options, now)
    for entry in entry_points(group=GROUP, name=kind):
        found: Dump = entry.load()
        return found(options, now)
    raise BadDump(f"{kind!r} is no kind of dump that is installed here: there are {', '.join(sorted(kinds()))}")


def kinds() -> set[str]:
    return {*KINDS, *(entry.name for entry in entry_points(group=GROUP))}


def _connection(options: Mapping[str, str]) -> dict[str, str]:
    """How PostgreSQL's programs find the server: by their environment variables."""
    if service := options.get("service"):
        return {"PGSERVICE": service}
    if path := options.get("url file"):
        try:
            url = Path(path).read_text().strip()
        except OSError as error:
            raise BadDump(f"{path}: {error.strerror}") from error
    elif variable := options.get("url variable"):
        url = os.environ.get(variable, "")
        if not url:
            raise BadDump(f"{variable} isn't set")
    else:
        return {}
    return _variables(url)


def _variables(url: str) -> dict[str, str]:
    from psycopg import Error
    from psycopg.pq import Conninfo

    try:
        given = [option for option in Conninfo.parse(url.encode()) if option.val is not None]
    except Error:  # its words quote the string, and they go to the portal
        raise BadDump("the connection string isn't understood") from None
    return variables({option.keyword.decode(): (option.val or b"").decode() for option in given})


def variables(given: Mapping[str, str]) -> dict[str, str]:
    """The environment that tells PostgreSQL's programs what a connection string says. Raises BadDump."""
    from psycopg.pq import Conninfo

    names = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    found: dict[str, str] = {}
    for keyword, value in given.items():
        variable = names.get(keyword)
        if variable is None:
            raise BadDump(f"{keyword} can't be said by an environment variable")
        found[variable.decode()] = value
    return found


def _program(*names: str) -> str:
    """The first that is installed."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise BadDump(f"{names[0]} isn't installed")


def _file(options: Mapping[str, str], option: str, argument: str) -> list[str]:
    path = options.get(option)
    if path is None:
        return []
    if not Path(path).is_file():
        raise BadDump(f"{path} isn't there")
    return [argument + path]


def _name(text: str) -> str:
    """A name of a database as one of a file."""
    return text.replace("/", "_").replace("\0", "_").lstrip(".") or "_"
