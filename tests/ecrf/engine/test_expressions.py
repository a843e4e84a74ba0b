"""The language of forms, held by one file of vectors on Python and on the browser's JavaScript."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecrf.engine.expressions import check, write
from ecrf.engine.expressions.operators import MAX_DEPTH, OPERATORS
from tests.ecrf.engine import node, running

FILE = json.loads((Path(__file__).parents[3] / "ecrf/engine/vectors/expressions.json").read_text())
VECTORS = FILE["vectors"]
CODES = {name: frozenset(codes) for name, codes in FILE["codes"].items()}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_on_the_server(vector: dict[str, Any]) -> None:
    """Each vector passes the static check and gives on the server what it says."""
    _, problems = check(vector["expression"], FILE["types"], CODES)
    assert not problems
    assert running.run(vector["expression"], vector["values"], FILE["types"], FILE["context"]) == vector["expect"]


def test_vectors_in_the_browser() -> None:
    """Each vector gives in the browser what it says."""
    cases = [{**vector, "types": FILE["types"], "context": FILE["context"]} for vector in VECTORS]
    answers = node.run({"expressions": cases})["expressions"]
    wrong = [(v["name"], v["expect"], a) for v, a in zip(VECTORS, answers, strict=True) if v["expect"] != a]
    assert wrong == []


def test_every_operator_has_a_vector() -> None:
    """No operator of the table is without a vector."""
    used: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, list) and part:
            used.add(part[0])
            for argument in part[1:]:
                walk(argument)

    for vector in VECTORS:
        walk(vector["expression"])
    assert OPERATORS.keys() <= used


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
    ],
)
def test_static_check(node_: Any, code: str) -> None:
    """What could fail when it runs is refused before, by name."""
    _, problems = check(node_, FILE["types"], CODES)
    assert code in [problem.code for problem in problems]


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
    ],
)
def test_written_for_people(node_: Any, text: str) -> None:
    """A tree is shown in the notation that authors know."""
    assert write(node_) == text
