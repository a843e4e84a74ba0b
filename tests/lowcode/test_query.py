"""The query's JSON: read whole or refused whole, the same after a round trip."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from lowcode.engine import BadQuery, Column, Kind, Table, check, read
from lowcode.engine.query import output_name
from lowcode.engine.shape import SCHEMA
from tests.lowcode.random_queries import questions

TABLE = Table(
    "data",
    [
        Column("age", Kind.INTEGER),
        Column("sex", Kind.TEXT),
        Column("admitted", Kind.DATE),
        Column("seen", Kind.DATETIME),
        Column("dead", Kind.BOOLEAN),
        Column("Ward", Kind.TEXT),
        Column("WARD", Kind.TEXT),
    ],
)
ROWS = {"source": {"dataset": "data"}, "measures": [{"of": "rows"}]}


def faults(raw: Any) -> set[tuple[str, str]]:
    """Place and code of everything refused."""
    try:
        check(read(raw), TABLE)
    except BadQuery as bad:
        return {(finding.place, finding.code) for finding in bad.findings}
    return set()


def where(*items: dict[str, Any]) -> dict[str, Any]:
    return ROWS | {"where": {"match": "all", "items": list(items)}}


def test_the_schema_is_a_schema() -> None:
    """Clients can generate from it."""
    Draft202012Validator.check_schema(SCHEMA)


@settings(max_examples=200, deadline=None)
@given(question=questions())
def test_round_trip(question: Any) -> None:
    """Written and read again, also through text, a query is equal, and so is its fingerprint."""
    query = read(question[2])
    again = read(json.loads(json.dumps(query.to_json())))
    assert again == query
    assert again.fingerprint == query.fingerprint


def test_fingerprint_is_of_the_question_alone() -> None:
    """The same question of another version has the same fingerprint; another question has another."""
    old, new = (read(ROWS | {"source": {"dataset": "data", "version": number}}) for number in (1, 2))
    assert old.fingerprint == new.fingerprint
    assert old.fingerprint != read(ROWS | {"limit": 5}).fingerprint


def test_every_fault_of_form_is_named() -> None:
    """Missing parts, unknown parts, wrong types and values out of bounds are all listed, each with its place."""
    raw = {"by": [{"bin": {}}], "measures": "x", "extra": 1, "limit": 0, "order": [{"by": "Not a name"}]}
    assert faults(raw) == {
        ("source", "required"),
        ("by.0.column", "required"),
        ("by.0.bin", "out_of_bounds"),
        ("measures", "wrong_type"),
        ("extra", "unknown_part"),
        ("limit", "out_of_bounds"),
        ("order.0.by", "bad_name"),
    }


def test_every_fault_of_sense_is_named() -> None:
    """Unknown columns, operators and measures that don't suit, names used twice: all at once."""
    raw = {
        "source": {"dataset": "data"},
        "where": {
            "match": "all",
            "items": [
                {"column": "agee", "is": "equals", "value": 1},
                {"column": "age", "is": "contains", "value": "1"},
                {"column": "age", "is": "equals", "value": "one"},
                {"column": "admitted", "is": "between", "values": ["2021-01-01", "2020-01-01"]},
                {"column": "ward".upper(), "is": "missing"},
            ],
        },
        "by": [{"column": "sex", "bin": {"width": 2}}, {"column": "age", "truncate": "month", "top": 2}],
        "measures": [
            {"of": "mean", "column": "sex"},
            {"of": "rows", "column": "age"},
            {"of": "mean"},
            {"of": "quantile", "column": "age"},
            {"of": "rows", "name": "sex"},
            {"of": "rows", "name": "lambda"},
        ],
        "order": [{"by": "nothing"}],
    }
    assert faults(raw) == {
        ("where.items.0.column", "unknown_column"),
        ("where.items.1.is", "operator_unsuited"),
        ("where.items.2.value", "wrong_value"),
        ("where.items.3.value", "bounds_reversed"),
        ("where.items.4.column", "unclear_column"),
        ("by.0.bin", "bin_unsuited"),
        ("by.1", "classes_conflict"),
        ("by.1.truncate", "truncate_unsuited"),
        ("measures.0.of", "measure_unsuited"),
        ("measures.1.column", "column_unneeded"),
        ("measures.2.column", "required"),
        ("measures.3.at", "quantile_at"),
        ("by.0.name", "name_taken"),
        ("measures.4.name", "name_taken"),
        ("measures.5.name", "name_reserved"),
        ("order.0.by", "unknown_output"),
    }


@pytest.mark.parametrize(
    "condition",
    [
        {"column": "age", "is": "equals", "value": 2**63},
        {"column": "age", "is": "equals", "value": float("nan")},
        {"column": "age", "is": "equals", "value": float("inf")},
        {"column": "age", "is": "equals", "value": True},
        {"column": "sex", "is": "equals", "value": "a\0b"},
        {"column": "sex", "is": "equals", "value": "\ud800"},
        {"column": "admitted", "is": "equals", "value": "2020-02-30"},
        {"column": "admitted", "is": "equals", "value": "20200203"},
        {"column": "seen", "is": "equals", "value": "2020-02-03"},
        {"column": "seen", "is": "equals", "value": "2020-02-03T25:00"},
        {"column": "dead", "is": "equals", "value": "true"},
    ],
)
def test_values_no_database_can_hold_are_refused(condition: dict[str, Any]) -> None:
    """Numbers out of range, texts that no encoding has, days that no calendar has."""
    assert faults(where(condition)) == {("where.items.0.value", "wrong_value")}


def test_a_query_nested_without_end_is_refused() -> None:
    """A thousand groups in each other are refused before anything walks down them."""
    inner: dict[str, Any] = {"match": "all", "items": []}
    for _ in range(1000):
        inner = {"match": "all", "items": [inner]}
    assert faults(ROWS | {"where": inner}) == {("where", "too_deep")}


@pytest.mark.parametrize("raw", [None, [], "x", 3, {}, {"source": []}, {"source": {"dataset": ""}}])
def test_anything_else_is_refused(raw: Any) -> None:
    """What is not a query at all gets an answer, not a crash."""
    with pytest.raises(BadQuery):
        read(raw)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Âge à l'entrée", "age_a_l_entree"),
        ("class", "class_"),
        ("7 jours", "c_7_jours"),
        ("Ω", "column"),
        ("by", "by_"),
    ],
)
def test_names_of_outputs_are_plain(words: str, name: str) -> None:
    """Whatever a column is called, the result's column has a name that every language takes."""
    assert output_name(words) == name
