"""What differs between two states of a table: their columns, and their rows by a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from core.datasets.engine.dictionary.entries import changes
from core.datasets.engine.parts import part, quoted, rows_of
from core.files.engine import Decrypter

TOGETHER = 8
"""Columns that are compared in one question: more would need more memory at once."""
SAMPLE = 20

Described = Sequence[Mapping[str, Any]]


class NoKey(Exception):
    """These columns don't tell the rows apart: how many rows share their key with another, before and after."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.before, self.after = before, after


@dataclass(frozen=True)
class Rows:
    """How many rows came, went and stayed, and of those that stayed how many changed in each column."""

    added: int
    removed: int
    common: int
    changed: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def columns(before: Described, after: Described) -> dict[str, list[dict[str, Any]]]:
    """Which columns came and went, which hold another type, and which are described otherwise."""
    old, new = ({column["name"]: column for column in one} for one in (before, after))
    return {
        "added": [{"name": name} for name in new if name not in old],
        "removed": [{"name": name} for name in old if name not in new],
        "retyped": [
            {"name": name, "before": old[name]["type"], "after": new[name]["type"]}
            for name in new
            if name in old and old[name]["type"] != new[name]["type"]
        ],
        "described": [asdict(change) for change in changes(before, after)],
    }


@contextmanager
def connect(
    before: Callable[[], Decrypter],
    after: Callable[[], Decrypter],
    names: tuple[Sequence[str], Sequence[str]],
    *,
    memory: str,
    threads: int,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the views `before` and `after`, of some columns each, and nothing else within reach."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "python_enable_replacements": False,
    }
    with duckdb.connect(config=config) as connection:
        connection.register("before", part(before, names[0]))
        connection.register("after", part(after, names[1]))
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def rows(
    connection: duckdb.DuckDBPyConnection,
    key: Sequence[str],
    compared: Sequence[str],
    report: Callable[[int, int], None],
) -> Rows:
    """Count the rows by their key. A key with a missing part is a key like others. Raises NoKey."""
    total = len(compared) // TOGETHER + 2
    report(0, total)
    shared = [one(connection, doubled(side, key)) for side in ("before", "after")]
    if any(shared):
        raise NoKey(*shared)
    report(1, total)
    added = one(connection, f"SELECT count(*) FROM after ANTI JOIN before ON {same(key)}")  # noqa: S608  quoted
    old, new = (one(connection, f"SELECT count(*) FROM {side}") for side in ("before", "after"))  # noqa: S608
    changed: dict[str, int] = {}
    for number, start in enumerate(range(0, len(compared), TOGETHER), 2):
        report(number, total)
        names = compared[start : start + TOGETHER]
        counts = ", ".join(f"count(*) FILTER (WHERE {differs(name)})" for name in names)
        found = connection.execute(f"SELECT {counts} FROM before JOIN after ON {same(key)}").fetchone()  # noqa: S608
        assert found is not None
        changed |= dict(zip(names, found, strict=True))
    common = new - added
    return Rows(added, old - common, common, {name: count for name, count in changed.items() if count})


def sample(
    connection: duckdb.DuckDBPyConnection, key: Sequence[str], what: str, column: str = ""
) -> list[tuple[Any, ...]]:
    """The keys of some rows that were ``added`` or ``removed``; or whose `column` changed, with both its values."""
    if what == "changed":
        keys = ", ".join(f"after.{quoted(name)}" for name in key)
        sql = (
            f"SELECT {keys}, before.{quoted(column)}, after.{quoted(column)} FROM before JOIN after ON {same(key)} "  # noqa: S608
            f"WHERE {differs(column)} ORDER BY ALL LIMIT {SAMPLE}"
        )
    else:
        here, there = ("after", "before") if what == "added" else ("before", "after")
        keys = ", ".join(f"{here}.{quoted(name)}" for name in key)
        sql = f"SELECT {keys} FROM {here} ANTI JOIN {there} ON {same(key)} ORDER BY ALL LIMIT {SAMPLE}"  # noqa: S608
    return rows_of(connection.execute(sql))


def doubled(side: str, key: Sequence[str]) -> str:
    """How many rows of one side share their key with another row."""
    keys = ", ".join(map(quoted, key))
    return f"SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM {side} GROUP BY {keys} HAVING n > 1)"  # noqa: S608


def same(key: Sequence[str]) -> str:
    return " AND ".join(f"before.{quoted(name)} IS NOT DISTINCT FROM after.{quoted(name)}" for name in key)


def differs(name: str) -> str:
    """Whether a column says something else; what changed its type is compared as text."""
    return f"before.{quoted(name)}::VARCHAR IS DISTINCT FROM after.{quoted(name)}::VARCHAR"


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    found = connection.execute(sql).fetchone()
    assert found is not None
    return int(found[0])
