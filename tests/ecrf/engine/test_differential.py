"""The server and the browser compute the same, on random expressions and random entries.

``ECRF_RANDOM_CASES=100000`` tries so many, by hand; without it, some hundreds.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ecrf.engine.expressions import check
from tests.ecrf.engine import node, running
from tests.ecrf.engine.strategies import ALL_TYPES, SCOPE, cases

CONTEXT = {"now": "2026-11-23T14:05:09", "subject": "BRO-001"}
BATCH = 80
EXAMPLES = max(1, int(os.environ.get("ECRF_RANDOM_CASES", "1000")) // BATCH)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a failing case is printed: shrinking 100 of them would take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.lists(cases, min_size=BATCH, max_size=BATCH + 20))
def test_same_result(batch: list[tuple[Any, dict[str, Any], dict[str, Any]]]) -> None:
    """A well-typed expression passes the check and gives the same result on both sides, whatever the values."""
    expected = []
    requests = []
    for expression, values, around in batch:
        _, problems = check(expression, SCOPE)
        assert not problems
        context = {**CONTEXT, **around}
        expected.append(running.run(expression, values, ALL_TYPES, context))
        requests.append({"expression": expression, "values": values, "types": ALL_TYPES, "context": context})
    answers = node.run({"expressions": requests})["expressions"]
    for case, server, browser in zip(batch, expected, answers, strict=True):
        assert server == browser, case
