"""What the query language costs: a compiled query against hand-written DuckDB SQL for the same question, in one run.

``make bench``; BENCH_ROWS (default 5,000,000) makes it larger. Both answer in turn, seven times; the medians and their
ratio are printed. `compiled` includes checking, compiling and decoding; `masked` adds the supports and the masking.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lowcode.engine import Column, Kind, Table, check, compile_query, read
from lowcode.engine.mask import mask
from lowcode.engine.result import Result, arrange, decode

ROWS = int(os.environ.get("BENCH_ROWS", "5000000"))
ROUNDS = 7
TABLE = Table(
    "data",
    [
        Column("ward", Kind.TEXT),
        Column("age", Kind.INTEGER),
        Column("lactate", Kind.NUMBER),
        Column("admitted", Kind.DATE),
    ],
)
MAKE = """
COPY (SELECT 'ward ' || (hash(i) % 40) AS ward, (18 + hash(i + 1) % 80)::INTEGER AS age,
             CASE WHEN i % 9 > 0 THEN (hash(i + 2) % 120) / 10.0 END::DOUBLE AS lactate,
             DATE '2015-01-01' + (hash(i + 3) % 3650)::INTEGER AS admitted
      FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet)
"""
QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "count by ward": (
        {"by": [{"column": "ward"}], "measures": [{"of": "rows"}]},
        "SELECT ward, count(*) FROM data GROUP BY ward ORDER BY ward",
    ),
    "mean and sd by month, filtered": (
        {
            "where": {"match": "all", "items": [{"column": "age", "is": "at_least", "value": 65}]},
            "by": [{"column": "admitted", "truncate": "month"}],
            "measures": [{"of": "mean", "column": "lactate"}, {"of": "deviation", "column": "lactate"}],
        },
        """SELECT date_trunc('month', admitted) AS m, avg(lactate), stddev_samp(lactate)
           FROM data WHERE age >= 65 GROUP BY m ORDER BY m""",
    ),
    "spread by class of age": (
        {"by": [{"column": "age", "bin": {"width": 10}}], "measures": [{"of": "spread", "column": "lactate"}]},
        """SELECT age // 10 * 10 AS a, quantile_cont(lactate, [0.05, 0.25, 0.5, 0.75, 0.95])
           FROM data GROUP BY a ORDER BY a""",
    ),
    "ten wards and the others": (
        {"by": [{"column": "ward", "top": 10}], "measures": [{"of": "rows"}]},
        """WITH top AS (SELECT ward FROM data GROUP BY ward ORDER BY count(*) DESC, ward LIMIT 10)
           SELECT CASE WHEN ward IN (FROM top) THEN ward END AS w, count(*) FROM data GROUP BY w ORDER BY w""",
    ),
}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    path: Path = tmp_path_factory.mktemp("lowcode") / "data.parquet"
    made = duckdb.connect(config={"threads": 2})
    made.execute(MAKE.format(rows=ROWS, path=path))
    made.execute(f"CREATE VIEW data AS FROM '{path}'")
    return made


def median_seconds(*acts: Callable[[], object]) -> list[float]:
    """The medians of acts done in turn, after one round that doesn't count."""
    times: list[list[float]] = [[] for _ in acts]
    for number in range(ROUNDS + 1):
        for act, kept in zip(acts, times, strict=True):
            started = time.perf_counter()
            act()
            if number:
                kept.append(time.perf_counter() - started)
    return [statistics.median(kept) for kept in times]


@pytest.mark.parametrize("name", QUESTIONS)
def test_overhead(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """The answer is the hand-written one's, and the ratio of their times is printed."""
    raw, sql = QUESTIONS[name]

    def compiled(supports: bool = False) -> Result:
        query = read({"source": {"dataset": "data"}, **raw})
        check(query, TABLE)
        plan = compile_query(query, TABLE, supports=supports)
        found = decode(plan.outputs, connection.execute(plan.sql()).to_arrow_table().to_pylist())
        return mask(arrange(found, query)) if supports else found

    def by_hand() -> list[Any]:
        return connection.execute(sql).fetchall()

    hand, own, masked = median_seconds(by_hand, compiled, lambda: compiled(supports=True))
    print(
        f"\n{name} ({ROWS:,} rows): by hand {hand * 1000:.1f} ms, compiled {own * 1000:.1f} ms ({own / hand:.2f}x),"
        f" masked {masked * 1000:.1f} ms ({masked / hand:.2f}x)"
    )
    assert len(compiled().rows) == len(by_hand())
