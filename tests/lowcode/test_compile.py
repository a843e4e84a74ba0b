"""The compiler: the same numbers as plain loops, whatever the names and values."""

from __future__ import annotations

from typing import Any

import duckdb
import ibis
import pytest
from hypothesis import given, settings
from pyarrow import parquet

from lowcode.engine import Column, Kind, Table, check, compile_query, read
from lowcode.engine.result import arrange, decode
from tests.lowcode.naive import answer
from tests.lowcode.random_queries import NAMES, TEXTS, questions
from tests.lowcode.running import arrow, by_keys, run, same

pytestmark = pytest.mark.slow
Question = tuple[Table, list[dict[str, Any]], dict[str, Any]]


@settings(max_examples=150, deadline=None)
@given(question=questions())
def test_compiled_equals_naive(question: Question) -> None:
    """For random tables and queries, the compiled SQL gives what plain Python loops give."""
    table, rows, asked = question
    query = read(asked)
    check(query, table)
    result = run(compile_query(query, table), table, rows)
    expected = by_keys(result, answer(query, table, rows))
    got = by_keys(result, result.rows)
    assert got.keys() == expected.keys()
    for key, row in got.items():
        assert same(row, expected[key]), (row, expected[key])


@settings(max_examples=60, deadline=None)
@given(question=questions())
def test_printed_python_equals_sql(question: Question, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The Python shown behind a click, executed as it is printed, gives the same rows in the same order."""
    table, rows, asked = question
    plan = compile_query(read(asked), table)
    path = tmp_path_factory.mktemp("printed") / "data.parquet"
    parquet.write_table(arrow(table, rows), path)
    backend = ibis.duckdb.connect()
    names = {"ibis": ibis, "_": ibis._, "data": backend.read_parquet(path)}
    exec(plan.python, names)  # noqa: S102 - executing the printed code is the test
    printed = decode(plan.outputs, names["result"].to_pyarrow().to_pylist())
    backend.disconnect()
    ran = run(plan, table, rows)
    assert len(printed.rows) == len(ran.rows)
    assert all(same(one, other) for one, other in zip(printed.rows, ran.rows, strict=True))


@settings(max_examples=60, deadline=None)
@given(question=questions())
def test_whole_result_arranged_equals_ordered(question: Question) -> None:
    """A whole result, ordered and cut afterwards, is the result that the database orders and cuts."""
    table, rows, asked = question
    order = [{"by": read(asked).measures[0].name, "descending": True}] if asked["measures"][0]["of"] == "rows" else []
    query = read(asked | {"order": order, "limit": 3})
    ordered = run(compile_query(query, table), table, rows)
    whole = run(compile_query(query, table, supports=True), table, rows)
    arranged = arrange(whole, query)
    assert all(same(one, other) for one, other in zip(arranged.rows, ordered.rows, strict=True))
    assert arranged.truncated == (len(whole.rows) > 3)


@settings(max_examples=40, deadline=None)
@given(question=questions())
def test_prints_for_postgresql(question: Question) -> None:
    """Every query prints as PostgreSQL's SQL too."""
    table, _, asked = question
    assert compile_query(read(asked), table).sql("postgres").startswith(("SELECT", "WITH"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", TEXTS)
def test_hostile_names_and_values_are_only_names_and_values(name: str, value: str) -> None:
    """Whatever a column is called and whatever is looked for, one row is found and nothing else happens."""
    table = Table("data", [Column(name, Kind.TEXT)])
    asked = {
        "source": {"dataset": "data"},
        "where": {"match": "all", "items": [{"column": name, "is": "equals", "value": value}]},
        "by": [{"column": name}],
        "measures": [{"of": "rows"}],
    }
    query = read(asked)
    check(query, table)
    result = run(compile_query(query, table), table, [{name: value}, {name: "something else"}, {name: None}])
    assert result.rows == ((value, 1),)


def test_a_statement_is_only_ever_one() -> None:
    """A value that would end the statement stays inside its quotes."""
    table = Table("data", [Column("x", Kind.TEXT)])
    condition = {"column": "x", "is": "equals", "value": "'; CREATE TABLE stolen AS SELECT 1; --"}
    asked = {
        "source": {"dataset": "data"},
        "where": {"match": "all", "items": [condition]},
        "measures": [{"of": "rows"}],
    }
    sql = compile_query(read(asked), table).sql()
    assert len(duckdb.extract_statements(sql)) == 1


def test_classes_of_a_tenth_keep_their_bounds() -> None:
    """0.3 falls in the class that begins at 0.3, although 0.3 / 0.1 is less than 3 in binary."""
    table = Table("data", [Column("x", Kind.NUMBER)])
    asked = {
        "source": {"dataset": "data"},
        "by": [{"column": "x", "bin": {"width": 0.1}}],
        "measures": [{"of": "rows"}],
    }
    rows = [{"x": tenth / 10} for tenth in range(10)]
    result = run(compile_query(read(asked), table), table, rows)
    assert result.rows == tuple((tenth / 10, 1) for tenth in range(10))
