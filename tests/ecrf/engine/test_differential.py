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
BATCH, ENTRIES = 60, 10
EXAMPLES = max(2, int(os.environ.get("ECRF_RANDOM_CASES", "1200")) // (BATCH * ENTRIES))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a failing case is printed: shrinking 100 of them would take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.lists(cases, min_size=BATCH, max_size=BATCH + 20))
def test_same_result(batch: list[tuple[Any, dict[str, Any], dict[str, Any]]]) -> None:
    """A well-typed expression passes the check and gives the same result on both sides, whatever the entry."""
    expected = []
    requests = []
    for number, (expression, _, _) in enumerate(batch):
        _, problems = check(expression, SCOPE)
        assert not problems
        for turn in range(ENTRIES):  # its own entry, and those of others
            _, values, around = batch[(number + turn) % len(batch)]
            context = {**CONTEXT, **around}
            expected.append(running.run(expression, values, ALL_TYPES, context))
            requests.append({"expression": expression, "values": values, "types": ALL_TYPES, "context": context})
    answers = node.run({"expressions": requests})["expressions"]
    for request, server, browser in zip(requests, expected, answers, strict=True):
        assert server == browser, request


def test_same_letters() -> None:
    """Each character of Unicode has the same small letter and the same capital on both sides."""
    points = [chr(point) for point in range(0x20, 0x110000) if not 0xD800 <= point < 0xE000]
    texts = ["x".join(points[start : start + 2000]) for start in range(0, len(points), 2000)]
    nodes = [[head, ["text", text]] for head in ("lower", "upper") for text in texts]
    requests = [{"expression": part, "values": {}, "types": {}, "context": CONTEXT} for part in nodes]
    answers = node.run({"expressions": requests})["expressions"]
    for part, browser in zip(nodes, answers, strict=True):
        assert running.run(part, {}, {}, CONTEXT) == browser
