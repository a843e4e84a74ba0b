"""The language of forms, held by one file of vectors on Python and on the browser's JavaScript."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecrf.engine.expressions import Scope, check, elsewhere, references, write
from ecrf.engine.expressions.operators import AGGREGATES, MAX_DEPTH, OPERATORS, READING
from tests.ecrf.engine import node, running

FILE = json.loads((Path(__file__).parents[3] / "ecrf/engine/vectors/expressions.json").read_text())
VECTORS = FILE["vectors"]
TYPES = FILE["types"]
OF_ROWS = {key: {name: TYPES[name] for name in names} for key, names in FILE["repeats"].items()}
SCOPE = Scope(
    {name: kind for name, kind in TYPES.items() if not any(name in names for names in OF_ROWS.values())},
    {name: frozenset(codes) for name, codes in FILE["codes"].items()},
    OF_ROWS,
    frozenset(FILE["events"]),
    frozenset(FILE["attributes"]),
)


def context_of(vector: dict[str, Any]) -> dict[str, Any]:
    return {**FILE["context"], **vector.get("context", {})}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_on_the_server(vector: dict[str, Any]) -> None:
    """Each vector passes the static check and gives on the server what it says."""
    _, problems = check(vector["expression"], SCOPE)
    assert not problems
    assert running.run(vector["expression"], vector["values"], TYPES, context_of(vector)) == vector["expect"]


def test_vectors_in_the_browser() -> None:
    """Each vector gives in the browser what it says."""
    cases = [{**vector, "types": TYPES, "context": context_of(vector)} for vector in VECTORS]
    answers = node.run({"expressions": cases})["expressions"]
    wrong = [(v["name"], v["expect"], a) for v, a in zip(VECTORS, answers, strict=True) if v["expect"] != a]
    assert wrong == []


def test_every_operator_has_a_vector() -> None:
    """No operator of the table is without a vector."""
    used: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, list) and part:
            used.add(f"over {part[1]}" if part[0] == "over" else part[0])
            for argument in part[1:]:
                walk(argument)

    for vector in VECTORS:
        walk(vector["expression"])
    assert OPERATORS.keys() | READING - {"over"} | {f"over {how}" for how in AGGREGATES} <= used


@pytest.mark.parametrize(
    ("node_", "code"),
    [
        ([], "not_an_expression"),
        ("x", "not_an_expression"),
        (["explode", ["number", "1"]], "unknown_function"),
        (["var", "nobody"], "unknown_variable"),
        (["var", "c1"], "wrong_kind_of_variable"),
        (["ticked", "n1", "1"], "wrong_kind_of_variable"),
        (["ticked", "c1", "9"], "unknown_choice"),
        (["+", ["number", "1"]], "wrong_number_of_arguments"),
        (["+", ["text", "a"], ["number", "1"]], "wrong_type"),
        (["=", ["text", "1"], ["number", "1"]], "types_differ"),
        (["if", ["boolean", True], ["text", "a"], ["number", "1"]], "types_differ"),
        (["<", ["text", "a"], ["text", "b"]], "wrong_type"),
        (["number", "1e5"], "bad_literal"),
        (["date", "2026-02-30"], "bad_literal"),
        (["boolean", "yes"], "bad_literal"),
        (["datediff", ["today"], ["today"], ["text", "weeks"], ["boolean", True]], "unknown_unit"),
        (["datediff", ["today"], ["time", "10:00"], ["text", "d"], ["boolean", True]], "types_differ"),
        (["partial", "2024-13"], "bad_literal"),
        (["=", ["partial", "2024"], ["now"]], "types_differ"),
        (["over", "sum", "meds", ["var", "drug"]], "wrong_type"),
        (["over", "sum", "nothing", ["var", "dose"]], "unknown_repeat"),
        (["over", "product", "meds", ["var", "dose"]], "unknown_function"),
        (["over", "sum", "meds"], "not_an_expression"),
        (["over", "sum", "meds", "dose"], "not_an_expression"),
        (["var", "dose"], "unknown_variable"),
        (["rows", "nothing"], "unknown_repeat"),
        (["of", "v9", "n1"], "unknown_event"),
        (["of", "v1", "dose"], "unknown_variable"),
        (["over", "sum", "meds", ["previous", "dose"]], "unknown_variable"),
        (["of", "v1"], "not_an_expression"),
        (["of", "v1", ["var", "n1"]], "not_an_expression"),
        (["+", ["of", "v1", "c1"], ["number", "1"]], "wrong_type"),
        (["ticked", ["of", "v1", "c1"], "9"], "unknown_choice"),
        (["ticked", ["of", "v1", "n1"], "1"], "wrong_kind_of_variable"),
        (["ticked", ["var", "c1"], "1"], "not_an_expression"),
        (["status", "nobody"], "unknown_variable"),
        (["choice", "colour"], "unknown_attribute"),
        (["shift", ["today"], ["number", "1"], ["text", "h"]], "unknown_shift"),
        (["shift", ["time", "10:00"], ["number", "1"], ["text", "d"]], "unknown_shift"),
        (["shift", ["today"], ["number", "1"], ["var", "t1"]], "unknown_shift"),
        (["matches", ["var", "t1"], ["var", "t1"]], "bad_pattern"),
        (["matches", ["var", "t1"], ["text", "(?=a)"]], "bad_pattern"),
        (["coalesce", ["var", "n1"], ["text", "a"]], "types_differ"),
        (["weekday", ["partial", "2024"]], "wrong_type"),
    ],
)
def test_static_check(node_: Any, code: str) -> None:
    """What could fail when it runs is refused before, by name."""
    _, problems = check(node_, SCOPE)
    assert code in [problem.code for problem in problems]


def test_choices_are_read_in_their_filter_only() -> None:
    """An attribute of a choice means nothing outside of a choice_filter."""
    _, problems = check(["choice", "region"], Scope({}))
    assert [problem.code for problem in problems] == ["choice_outside_filter"]


def test_scope_of_a_row() -> None:
    """Inside a row its own items are known besides those around it; other events know the latter only."""
    row = SCOPE.inside("meds")
    assert check(["+", ["var", "dose"], ["var", "n1"]], row) == ("number", [])
    assert [problem.code for problem in check(["last", "dose"], row)[1]] == ["unknown_variable"]


def test_what_an_expression_reads() -> None:
    """A repeat stands for what is read in its rows; what is read at other events is told apart."""
    total = ["over", "sum", "meds", ["*", ["var", "dose"], ["var", "n1"]]]
    node_ = ["if", ["ticked", ["of", "v1", "c1"], "1"], total, ["coalesce", ["last", "n2"], ["rows", "other"]]]
    assert list(references(node_)) == ["meds", "dose", "n1", "other"]
    assert list(references(node_, OF_ROWS)) == ["meds", "n1", "other"]
    assert list(elsewhere(node_)) == [("v1", "c1"), ("last", "n2")]


def test_depth_is_limited() -> None:
    """An expression deeper than the limit is refused, and the check itself doesn't run out of stack."""
    nested: Any = ["boolean", True]
    for _ in range(MAX_DEPTH * 50):
        nested = ["not", nested]
    _, problems = check(nested, {}, {})
    assert [problem.code for problem in problems] == ["expression_too_deep"]


@pytest.mark.parametrize(
    ("node_", "text"),
    [
        (
            ["and", ["=", ["var", "a"], ["text", "1"]], [">=", ["var", "b"], ["number", "18"]]],
            "[a] = '1' and [b] >= 18",
        ),
        (["*", ["+", ["var", "a"], ["number", "1"]], ["number", "2"]], "([a] + 1) * 2"),
        (["not", ["ticked", "race", "2"]], "not([race(2)])"),
        (["distinct", ["var", "a"], ["null"]], "[a] <> ''"),
        (["ticked", ["of", "v1", "race"], "2"], "[v1][race(2)]"),
        ([">", ["previous", "a"], ["count", "race"]], "previous([a]) > count([race])"),
        (["over", "sum", "meds", ["*", ["var", "dose"], ["number", "2"]]], "sum([dose] * 2 in [meds])"),
        (["=", ["choice", "region"], ["text", "north"]], "choice(region) = 'north'"),
    ],
)
def test_written_for_people(node_: Any, text: str) -> None:
    """A tree is shown in the notation that authors know."""
    assert write(node_) == text
