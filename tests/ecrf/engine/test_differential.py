"""The server and the browser compute the same, on random expressions and random entries."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ecrf.engine.expressions import check
from tests.ecrf.engine import node, running
from tests.ecrf.engine.strategies import CODES, TYPES, cases

CONTEXT = {"now": "2026-11-23T14:05:09", "subject": "BRO-001"}


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a failing case is printed: shrinking 100 of them would take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.lists(cases, min_size=60, max_size=120))
def test_same_result(batch: list[tuple[Any, dict[str, Any]]]) -> None:
    """A well-typed expression passes the check and gives the same result on both sides, whatever the values."""
    expected = []
    for expression, values in batch:
        _, problems = check(expression, TYPES, CODES)
        assert not problems
        expected.append(running.run(expression, values, TYPES, CONTEXT))
    requests = [{"expression": e, "values": v, "types": TYPES, "context": CONTEXT} for e, v in batch]
    answers = node.run({"expressions": requests})["expressions"]
    for (expression, values), server, browser in zip(batch, expected, answers, strict=True):
        assert server == browser, (expression, values)
