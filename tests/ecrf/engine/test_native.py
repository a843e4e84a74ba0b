"""The text of expressions is read, written back the same, and refused with a place."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from ecrf.engine.expressions import check
from ecrf.engine.expressions.native import parse, write_native
from ecrf.engine.expressions.native_errors import TextError
from ecrf.engine.expressions.operators import AGGREGATES, LITERALS, OPERATORS, READING
from ecrf.words.logic import LOGIC
from tests.ecrf.engine.strategies import SCOPE, expressions

A, B, C, ONE, TWO = ["var", "a"], ["var", "b"], ["var", "c"], ["number", "1"], ["number", "2"]


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("weight / (height / 100) ^ 2", None),
        ("a and b or not c", ["or", ["and", A, B], ["not", C]]),
        ("a AND (b OR c)", ["and", A, ["or", B, C]]),
        ("a and b and c", ["and", A, B, C]),
        ("a and (b and c)", ["and", A, ["and", B, C]]),
        ("not a = b", ["not", ["=", A, B]]),
        ("a <> b", ["<>", A, B]),
        ("a != b", ["<>", A, B]),
        ("a ≤ b", ["<=", A, B]),
        ("a == 'x'", ["=", A, ["text", "x"]]),
        ("a in ('1', '2')", ["or", ["=", A, ["text", "1"]], ["=", A, ["text", "2"]]]),
        ("a not in (1)", ["not", ["=", A, ONE]]),
        ("a is null", ["same", A, ["null"]]),
        ("a is not null", ["distinct", A, ["null"]]),
        ("has(a, '2')", ["ticked", "a", "2"]),
        ("has(a@visit, 2)", ["ticked", ["of", "visit", "a"], "2"]),
        ("count(previous(a)) > 1", [">", ["count", ["previous", "a"]], ONE]),
        ("a@visit", ["of", "visit", "a"]),
        ("[null]@[in]", ["of", "in", "null"]),
        ("sum(a * 2 in meds)", ["over", "sum", "meds", ["*", A, TWO]]),
        ("any(a > 1 and b in (1, 2) in meds)", None),
        ("date('2024-05-01')", ["date", "2024-05-01"]),
        ("number('12')", ["number", ["text", "12"]]),
        ("a + b - c", ["-", ["+", A, B], C]),
        ("a + b + c", ["+", A, B, C]),
        ("(a + b) + c", ["+", ["+", A, B], C]),
        ("a - (b - c)", ["-", A, ["-", B, C]]),
        ("a * b / c", ["/", ["*", A, B], C]),
        ("a ^ b ^ c", ["^", A, ["^", B, C]]),
        ("-1", ["number", "-1"]),
        ("-(1)", ["neg", ONE]),
        ("-1 ^ 2", ["neg", ["^", ONE, TWO]]),
        ("(-1) ^ 2", ["^", ["number", "-1"], TWO]),
        ("a ^ -1", ["^", A, ["number", "-1"]]),
        ("- -1", ["neg", ["number", "-1"]]),
        ("'it''s'", ["text", "it's"]),
        ('"it\'s"', ["text", "it's"]),
        ("if(true, a, null)", ["if", ["boolean", True], A, ["null"]]),
        ("round(a)", ["round", A, ["number", "0"]]),
        ("datediff(a, b, 'd')", ["datediff", A, B, ["text", "d"], ["boolean", False]]),
        ("android", ["var", "android"]),
        ("a\n  and\tb", ["and", A, B]),
    ],
)
def test_text_is_read(text: str, node: Any) -> None:
    """Each way to write a formula gives its tree, and the tree's own text gives it again."""
    found = parse(text)
    assert node is None or found == node
    assert parse(write_native(found)) == found


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(expressions)
def test_every_tree_has_a_text(node: Any) -> None:
    """Whatever the expression, its text is read as the same tree."""
    assert parse(write_native(node)) == node


def test_every_operator_can_be_written() -> None:
    """No operator lacks a way to be written: given names or texts, each is read back."""
    takes = {"matches": [A, ["text", "x"]], "shift": [A, B, ["text", "d"]]}
    nodes = [[head, *takes.get(head, [A] * len(operator.takes))] for head, operator in OPERATORS.items()]
    nodes += [["over", how, "r", A] for how in AGGREGATES]
    reading = READING - {"over", "ticked", "of"}
    nodes += [[head, "x"] for head in reading]
    nodes += [[head, "2024"] for head in LITERALS - {"boolean"}]
    assert [parse(write_native(node)) for node in nodes] == nodes


def test_what_is_read_can_be_checked() -> None:
    """A formula typed in full passes the static check."""
    node = parse("if(n0 > 1 and has(c0, '2'), sum(rn * 2 in rows), n1@e1) + datediff(d0, today(), 'y')")
    assert check(node, SCOPE) == ("number", [])


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "formula_empty", 1, 1),
        ("  ", "formula_empty", 1, 1),
        ("a +", "formula_unfinished", 1, 4),
        ("sum(a", "formula_unfinished", 1, 6),
        ("a and\n  b c", "unexpected", 2, 5),
        ("a = b = c", "unexpected", 1, 7),
        ("a in b", "unexpected", 1, 3),
        ("'abc", "unclosed_text", 1, 1),
        ("a § b", "unreadable_logic", 1, 3),
        ("1 + foo(1)", "unknown_function", 1, 5),
        ("product(a in r)", "unknown_aggregate", 1, 1),
        ("has(1, 2)", "name_wanted", 1, 1),
        ("has(a, b)", "choice_written_out", 1, 1),
        ("previous(a, b)", "wrong_number_of_arguments", 1, 1),
        ("date(a)", "literal_written_out", 1, 1),
        ("not(" * 200 + "a" + ")" * 200, "expression_too_deep", 1, 1),
        ("a in (" + "1, " * 8000 + "1)", "expression_too_deep", 1, 1),
    ],
)
def test_errors_have_a_place(text: str, code: str, line: int, column: int) -> None:
    """What can't be read is told by a code that has words, a line and a column."""
    with pytest.raises(TextError) as caught:
        parse(text)
    assert (caught.value.code, caught.value.line, caught.value.column) == (code, line, column)
    assert str(LOGIC[code]) % {"wanted": "", **caught.value.params}


@pytest.mark.parametrize("part", ["(", "a + ", "-", "a(", "not ", "'a ", "if(a, ", "a ^ ", "[", "a in ("])
def test_reading_takes_time_by_length(part: str) -> None:
    """A text of any length and depth is read or refused at once."""
    start = process_time()
    with pytest.raises(TextError):
        parse(part * (19_000 // len(part)))
    assert process_time() - start < 5
