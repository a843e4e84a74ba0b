"""Profile one column with a few queries of bounded memory, and keep nothing of it that is about few people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import duckdb

from core.datasets.engine.parts import quoted
from core.datasets.engine.profile.identifiers import looks_like
from core.datasets.engine.profile.masking import hidden, merged_tails

SAMPLE = 10_000
"""Values that are looked at for identifiers."""
EXACT = 1_000_000
"""Rows up to which quantiles are exact, and different values up to which they are counted one by one."""
COUNTED = 200_000
"""Different values up to which the most frequent ones are looked for."""
SHOWN = 20
CLASSES = 20
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COUNTABLE = ("text", "integer", "boolean")
ORDERED = ("integer", "number", "date", "datetime")

Profile = dict[str, Any]


def profile(connection: duckdb.DuckDBPyConnection, column: Mapping[str, Any], rows: int, least: int) -> Profile:
    """What the column of the view `data` holds. Counts from 1 to `least` - 1 are None wherever they could be told."""
    name, kind = column["name"], column["type"]
    cell = quoted(name)
    known = one(connection, select(f"count({cell})"))
    made: Profile = {"name": name, "type": kind, "known": known, "missing": rows - known, "warnings": []}
    if not known:
        return {**made, "distinct": 0, "warnings": ["all_missing"]}
    made |= distinct(connection, cell, known)
    if made["distinct"] == 1:
        made["warnings"].append("constant")
    seen = looks_like(name, sample(connection, cell), distinct_share=made["distinct"] / known) if may_name(kind) else ""
    if seen:
        made["warnings"].append(f"looks_{seen}")
        return made  # nothing that it holds is shown before somebody has said how it is protected
    if kind in ORDERED:
        made |= ordered(connection, cell, kind, known, least)
    # Values and classes side by side could tell what each hides for the other's sake: a column has one of them.
    if kind in COUNTABLE and "histogram" not in made and made["distinct"] <= COUNTED:
        made["values"] = frequencies(connection, cell, known, least)
    elif kind == "integer" and made["distinct"] <= SHOWN:
        del made["histogram"]
        made["values"] = frequencies(connection, cell, known, least)
    return made


def select(what: str, rest: str = "") -> str:
    """A question to the view; every name in it was quoted, and every number is ours."""
    return f"SELECT {what} FROM data {rest}"  # noqa: S608


def may_name(kind: str) -> bool:
    return kind in ("text", "integer")


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


def distinct(connection: duckdb.DuckDBPyConnection, cell: str, known: int) -> Profile:
    """How many different values there are: exactly, or about where there are too many to hold them."""
    about = one(connection, select(f"approx_count_distinct({cell})"))
    if about > EXACT:
        return {"distinct": min(about, known), "about": True}
    return {"distinct": one(connection, select(f"count(DISTINCT {cell})")), "about": False}


def sample(connection: duckdb.DuckDBPyConnection, cell: str) -> list[str]:
    """Values from all over the file, as text; the same each time."""
    known = select(f"{cell}::VARCHAR", f"WHERE {cell} IS NOT NULL")
    sql = f"FROM ({known}) USING SAMPLE reservoir({SAMPLE} ROWS) REPEATABLE (1)"  # samples come before conditions
    return [value for (value,) in connection.execute(sql).fetchall()]


def ordered(connection: duckdb.DuckDBPyConnection, cell: str, kind: str, known: int, least: int) -> Profile:
    """The ends, the quantiles that stand on enough people, and a histogram."""
    value = f"epoch({cell})" if kind in ("date", "datetime") else f"{cell}::DOUBLE"
    where = f"WHERE {cell} IS NOT NULL AND isfinite({cell})" if kind != "integer" else f"WHERE {cell} IS NOT NULL"
    function = "quantile_cont" if known <= EXACT else "approx_quantile"
    wanted = f"min({value}), max({value}), avg({value}), count(*), {function}({value}, {list(QUANTILES)})"
    sql = select(wanted, where)
    row = connection.execute(sql).fetchone()
    assert row is not None
    low, high, mean, finite, quantiles = row
    if not finite:
        return {}
    shown = {
        str(at): number for at, number in zip(QUANTILES, quantiles, strict=True) if min(at, 1 - at) * finite >= least
    }
    made: Profile = {"ends": [low, high], "quantiles": shown, "timed": kind in ("date", "datetime")}
    if finite >= least:
        made["mean"] = mean
    if finite >= 2 * least and 0 < high - low < math.inf:
        made["histogram"] = histogram(connection, value, where, low, high, least, whole=kind == "integer")
    return made


def histogram(
    connection: duckdb.DuckDBPyConnection, value: str, where: str, low: float, high: float, least: int, *, whole: bool
) -> list[dict[str, Any]]:
    """Classes of one width on round borders; those at the ends take in their neighbours until they aren't small."""
    step = round_step((high - low) / CLASSES, whole=whole)
    start = math.floor(low / step) * step
    number = int((high - start) / step) + 1
    place_of = f"least(floor(({value} - {start}) / {step}), {number - 1})::BIGINT AS class, count(*)"
    sql = select(place_of, f"{where} GROUP BY class")
    found = dict(connection.execute(sql).fetchall())
    counts = [found.get(place, 0) for place in range(number)]
    first, last = merged_tails(counts, least)
    kept = [sum(counts[: first + 1]), *counts[first + 1 : last], sum(counts[last:])] if last > first else [sum(counts)]
    closed = hidden(kept, least)
    return [
        {
            "from": None if place == first and first > 0 else start + place * step,
            "to": None if place == last and last < number - 1 else start + (place + 1) * step,
            "count": None if place - first in closed else kept[place - first],
        }
        for place in range(first, last + 1)
    ]


def round_step(width: float, *, whole: bool) -> float:
    """1, 2 or 5 times a power of ten, and at least 1 for whole numbers."""
    power = 10.0 ** math.floor(math.log10(width))
    step: float = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= width)
    return max(1.0, step) if whole else step


def frequencies(connection: duckdb.DuckDBPyConnection, cell: str, known: int, least: int) -> list[dict[str, Any]]:
    """The most frequent values that enough people have; all the others are one line, whose value is None."""
    rest = f"WHERE {cell} IS NOT NULL GROUP BY ALL HAVING n >= {least} ORDER BY n DESC, {cell} LIMIT {SHOWN}"
    sql = select(f"{cell}, count(*) AS n", rest)
    found = connection.execute(sql).fetchall()
    counts = [count for _value, count in found]
    others = known - sum(counts)
    closed = hidden([*counts, others], least)
    lines = [(plain(value), count) for value, count in found] + ([(None, others)] if others else [])
    return [{"value": value, "count": None if place in closed else count} for place, (value, count) in enumerate(lines)]


def plain(value: Any) -> Any:
    return value if isinstance(value, bool) else str(value)[:200]
