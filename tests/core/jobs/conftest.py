"""Tasks that exist for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core import jobs
from core.jobs import registry

Declare = Callable[..., str]


@pytest.fixture
def declare() -> Iterator[Declare]:
    """Declare a task and get its name."""
    before = dict(registry._tasks)

    def declare(work: Callable[..., Any], name: str = "jobs.try_out", **options: Any) -> str:
        jobs.task(name, label=options.pop("label", "Try out"), **options)(work)
        return name

    yield declare
    registry._tasks.clear()
    registry._tasks.update(before)
