"""One set of processes for all tests of page scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ecrf.engine.goupile.run import Limits, Runner, run
from tests.ecrf.goupile.projects import one_page

Evaluate = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    made = Runner(limits=Limits(seconds=20), size=1)
    yield made
    made.close()


@pytest.fixture
def evaluate(runner: Runner) -> Evaluate:
    """Run the one page of a project on values."""

    def evaluated(
        code: str, values: dict[str, Any] | None = None, *, main: str | None = None, **more: Any
    ) -> dict[str, Any]:
        context = {"now": "2026-12-01T10:20:30", "language": "en"} | more.pop("context", {})
        return run(one_page(code, main), "p", values, context=context, runner=runner, **more)

    return evaluated


def found(answer: dict[str, Any], path: str) -> dict[str, Any]:
    """The widget of a path."""
    waiting = list(answer["widgets"])
    while waiting:
        widget: dict[str, Any] = waiting.pop(0)
        if widget.get("path") == path:
            return widget
        waiting += widget.get("children", [])
    raise KeyError(path)


def faults(answer: dict[str, Any]) -> dict[str, list[tuple[str, bool, bool]]]:
    """Path -> (code, whether it blocks, whether it is shown) of each fault."""
    told: dict[str, list[tuple[str, bool, bool]]] = {}
    for one in answer["errors"]:
        told.setdefault(one["path"], []).append((one["code"], one["block"], one["shown"]))
    return told
