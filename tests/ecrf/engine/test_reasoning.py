"""What is said to be impossible never happens, whatever the values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecrf.engine.expressions import compile_expression
from ecrf.engine.ranges import Range
from ecrf.engine.reasoning import FALSE, NOT_FALSE, NOT_TRUE, TRUE, Reasoning, can_have_value
from tests.ecrf.engine import running
from tests.ecrf.engine.strategies import ALL_TYPES, contexts, held, node

CONTEXT = {"now": "2026-11-23T14:05:09", "subject": "BRO-001"}
NUMBERS = st.integers(0, 4).map(lambda number: ["number", str(number)])
LETTERS = st.sampled_from("ab").map(lambda letter: ["text", letter])
SIGNS = st.sampled_from(["=", "<>", "same", "distinct"])
ORDERS = st.sampled_from(["<", "<=", ">", ">="])
small = st.one_of(
    st.tuples(st.one_of(SIGNS, ORDERS), st.sampled_from([["var", "n0"], ["var", "n1"]]), NUMBERS),
    st.tuples(st.one_of(SIGNS, ORDERS), NUMBERS, st.just(["var", "n0"])),
    st.tuples(SIGNS, st.just(["var", "t0"]), LETTERS),
    st.tuples(SIGNS, st.sampled_from([["var", "n0"], ["var", "t0"]]), st.just(["null"])),
    st.tuples(st.one_of(SIGNS, ORDERS), st.just(["var", "n1"]), st.just(["var", "n1"])),
    st.tuples(st.just("ticked"), st.just("c0"), st.sampled_from("12")),
).map(list)
conditions = st.recursive(
    small,
    lambda parts: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), parts, parts).map(list),
        parts.map(lambda part: ["not", part]),
        st.tuples(st.just("if"), parts, parts, parts).map(list),
    ),
    max_leaves=8,
)
few = st.fixed_dictionaries(
    {
        "n0": st.sampled_from([None, "0", "1", "2", "2.5", "3", "4"]),
        "n1": st.sampled_from([None, "0", "3"]),
        "t0": st.sampled_from([None, "a", "b", "c"]),
        "c0": st.sampled_from([[], ["1"], ["1", "2"]]),
    }
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions, st.lists(few, min_size=5, max_size=20))
def test_what_happens_is_possible(condition: Any, entries: list[dict[str, Any]]) -> None:
    """Whatever a condition gives for some values was held possible."""
    run = compile_expression(condition)
    for values in entries:
        result = run(running.environment(values, ALL_TYPES, CONTEXT))
        for goal in (TRUE, FALSE, NOT_TRUE, NOT_FALSE):
            if result in goal:
                assert Reasoning().can((goal, condition)), (condition, goal, values)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["boolean", "number", "text"]).flatmap(lambda kind: node(kind, 2)), held(ALL_TYPES), contexts)
def test_random_expressions_are_possible(expression: Any, values: dict[str, Any], around: dict[str, Any]) -> None:
    """It holds for any operator too: what has a value could have one, what is true could be."""
    result = running.run(expression, values, ALL_TYPES, {**CONTEXT, **around})
    if result is not None:
        assert can_have_value(expression, Reasoning())
    if isinstance(result, bool):
        assert Reasoning().can((TRUE if result else FALSE, expression))


@pytest.mark.parametrize(
    ("range_", "has_value"),
    [
        (Range(), True),
        (Range().limited(">", 1).limited("<", 2), True),
        (Range(whole=True).limited(">", 1).limited("<", 2), False),
        (Range(whole=True).limited(">=", 1).limited("<", 2), True),
        (Range(whole=True, never=frozenset({1})).limited(">=", 1).limited("<", 2), False),
        (Range().limited(">=", 2).limited("<=", 2), True),
        (Range().limited(">", 2).limited("<=", 2), False),
        (Range().limited(">=", 2).limited(">", 2).limited("<=", 2), False),
        (Range().among("ab", null=True).among("bc", null=True), True),
        (Range(never=frozenset("b")).among("ab", null=True).among("bc", null=True), False),
    ],
)
def test_ranges(range_: Range, has_value: bool) -> None:
    """Limits, values and exceptions together leave something or nothing."""
    assert range_.has_value is has_value
