"""Tables put together by their keys: what would come of it, its SQL and its pandas, and its rows batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from core.datasets.engine.parts import part, quoted, rows_of
from core.files.engine import Decrypter

KINDS = {"inner": "INNER JOIN", "left": "LEFT JOIN", "full": "FULL JOIN", "anti": "ANTI JOIN"}
PANDAS = {"inner": "inner", "left": "left", "full": "outer"}
SAMPLED = 100_000
"""Different values of a column, of which as many as this are looked for in the other table."""
BATCH_ROWS = 50_000


@dataclass(frozen=True)
class Side:
    """A table: the view it is read by, its file for a program, its columns as the reader has them."""

    view: str
    file: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A further table, how it is joined, and by which pairs of columns: of what there is so far, and its own."""

    side: Side
    kind: str
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Column:
    """A column of the result: its name, and the (view, column) it comes from; of both sides where keys become one."""

    name: str
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Counts:
    """What a step finds, in rows; `doubled` are keys that several rows of a side share."""

    matched: int
    left_only: int
    right_only: int
    left_doubled: int
    right_doubled: int
    rows: int
    multiplies: bool
    """Whether rows of the left side come out more often than they went in."""


@dataclass(frozen=True)
class Plan:
    """A chain of joins: the first table, then one step after the other."""

    first: Side
    steps: tuple[Step, ...] = field(default_factory=tuple)

    def columns(self, until: int | None = None) -> list[Column]:
        """Those of the result after some steps: a name that is there already gets the name of its view behind it."""
        made = [Column(name, ((self.first.view, name),)) for name in self.first.columns]
        for step in self.steps[:until]:
            if step.kind == "anti":
                continue
            own = dict(step.keys)
            other = {theirs: ours for ours, theirs in own.items()}
            if step.kind == "full":
                made = [
                    Column(each.name, (*each.sources, (step.side.view, own[each.name]))) if each.name in own else each
                    for each in made
                ]
            for name in step.side.columns:
                if name not in other:
                    made.append(
                        Column(free(name, step.side.view, {each.name for each in made}), ((step.side.view, name),))
                    )
        return made

    def sql(self, until: int | None = None) -> str:
        """The whole chain as one question, in standard SQL. A missing key matches nothing."""
        text = f"SELECT {', '.join(map(quoted, self.first.columns))}\nFROM {self.first.view}"
        for number, step in enumerate(self.steps[:until]):
            text = self.joined(f"(\n{indented(text)}\n) AS so_far" if number else self.first.view, number, step)
        return text

    def joined(self, left: str, number: int, step: Step) -> str:
        here = "so_far" if number else self.first.view
        before = [each.name for each in self.columns(number)]
        shown = []
        for column in self.columns(number + 1):
            theirs = next((name for view, name in column.sources if view == step.side.view), None)
            if theirs is None:
                shown.append(f"{here}.{quoted(column.name)}")
            elif column.name in before:
                pair = f"{here}.{quoted(column.name)}, {step.side.view}.{quoted(theirs)}"
                shown.append(f"coalesce({pair}) AS {quoted(column.name)}")
            else:
                shown.append(f"{step.side.view}.{quoted(theirs)} AS {quoted(column.name)}")
        on = " AND ".join(f"{here}.{quoted(ours)} = {step.side.view}.{quoted(theirs)}" for ours, theirs in step.keys)
        wanted = ",\n  ".join(shown)
        return f"SELECT\n  {wanted}\nFROM {left}\n{KINDS[step.kind]} {step.side.view} ON {on}"

    def pandas(self) -> str:
        """The same for a program, from the files that are downloaded."""
        lines = ["import pandas as pd", "", f"joined = pd.read_parquet({self.first.file!r})"]
        for number, step in enumerate(self.steps):
            keys, other = [ours for ours, _theirs in step.keys], {theirs: ours for ours, theirs in step.keys}
            names = {
                each.sources[-1][1]: each.name
                for each in self.columns(number + 1)
                if each.sources[-1][0] == step.side.view
            }
            renamed = {old: new for old, new in {**names, **other}.items() if old != new}
            lines += ["", f"{step.side.view} = pd.read_parquet({step.side.file!r})"]
            if renamed:
                lines.append(f"{step.side.view} = {step.side.view}.rename(columns={renamed!r})")
            if step.kind == "anti":
                lines.append(f"{step.side.view} = {step.side.view}[{keys!r}].dropna().drop_duplicates()")
                lines.append(f'joined = joined.merge({step.side.view}, how="left", on={keys!r}, indicator=True)')
                lines.append('joined = joined[joined["_merge"] == "left_only"].drop(columns="_merge")')
                continue
            if step.kind != "full":
                lines.append(
                    f"{step.side.view} = {step.side.view}.dropna(subset={keys!r})  # a missing key matches nothing"
                )
            lines.append(f"joined = joined.merge({step.side.view}, how={PANDAS[step.kind]!r}, on={keys!r})")
        return "\n".join(lines)


def free(name: str, view: str, taken: set[str]) -> str:
    """A name that no column has yet, whatever the case, for SQL makes no difference."""
    held = {each.casefold() for each in taken}
    found = name if name.casefold() not in held else f"{name}_{view}"
    number = 2
    while found.casefold() in held:
        found, number = f"{name}_{view}_{number}", number + 1
    return found


def indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


@contextmanager
def connect(
    views: Sequence[tuple[str, Callable[[], Decrypter], Sequence[str]]], *, memory: str, threads: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with a view of some columns of each file, and nothing else within reach."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "python_enable_replacements": False,
        "preserve_insertion_order": False,
    }
    with duckdb.connect(config=config) as connection:
        for view, source, columns in views:
            connection.register(view, part(source, columns))
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def counts(connection: duckdb.DuckDBPyConnection, plan: Plan, number: int) -> Counts:
    """What step `number` finds, counted by the keys alone."""
    step = plan.steps[number]
    ours = ", ".join(f"{quoted(name)} AS k{place}" for place, (name, _theirs) in enumerate(step.keys))
    theirs = ", ".join(f"{quoted(name)} AS k{place}" for place, (_ours, name) in enumerate(step.keys))
    keys = ", ".join(f"k{place}" for place in range(len(step.keys)))
    on = " AND ".join(f"l.k{place} = r.k{place}" for place in range(len(step.keys)))
    sql = f"""
    WITH so_far AS ({plan.sql(number)}),
      l AS (SELECT {keys}, count(*) AS n FROM (SELECT {ours} FROM so_far) GROUP BY {keys}),
      r AS (SELECT {keys}, count(*) AS n FROM (SELECT {theirs} FROM {step.side.view}) GROUP BY {keys}),
      m AS (SELECT l.n AS ln, r.n AS rn FROM l JOIN r ON {on})
    SELECT coalesce((SELECT sum(n) FROM l), 0), coalesce((SELECT sum(n) FROM r), 0),
      (SELECT count(*) FROM l WHERE n > 1), (SELECT count(*) FROM m WHERE rn > 1),
      coalesce((SELECT sum(ln) FROM m), 0), coalesce((SELECT sum(rn) FROM m), 0),
      coalesce((SELECT sum(ln::HUGEINT * rn) FROM m), 0)
    """  # noqa: S608  quoted
    found = connection.execute(sql).fetchone()
    assert found is not None
    left, right, left_doubled, right_doubled, matched, right_matched, pairs = map(int, found)
    left_only, right_only = left - matched, right - right_matched
    rows = {"inner": pairs, "left": pairs + left_only, "full": pairs + left_only + right_only, "anti": left_only}
    return Counts(
        matched,
        left_only,
        right_only,
        left_doubled,
        right_doubled,
        rows[step.kind],
        step.kind != "anti" and pairs > matched,
    )


def overlap(connection: duckdb.DuckDBPyConnection, left: tuple[str, str], right: tuple[str, str]) -> float:
    """Which share of the different values of one column the other has: (view, column) each; 0 where it has none."""
    (one, ours), (other, theirs) = left, right
    found = connection.execute(
        f"SELECT count(*), count(r.v) FROM (SELECT DISTINCT {quoted(ours)} AS v FROM {one} WHERE v IS NOT NULL "  # noqa: S608
        f"LIMIT {SAMPLED}) l LEFT JOIN (SELECT DISTINCT {quoted(theirs)} AS v FROM {other}) r ON l.v = r.v"
    ).fetchone()
    assert found is not None
    return found[1] / found[0] if found[0] else 0.0


def first_rows(connection: duckdb.DuckDBPyConnection, plan: Plan, most: int) -> list[tuple[Any, ...]]:
    return rows_of(connection.execute(f"{plan.sql()}\nLIMIT {int(most)}"))


def reader(connection: duckdb.DuckDBPyConnection, plan: Plan, report: Callable[[int], None]) -> pa.RecordBatchReader:
    """The rows, streamed; `report` hears how many there are so far, and may stop it."""
    found = connection.execute(plan.sql()).to_arrow_reader(BATCH_ROWS)

    def batches() -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in found:
            done += batch.num_rows
            report(done)
            yield batch

    return pa.RecordBatchReader.from_batches(found.schema, batches())
