"""The kinds of long work there are, each declared once by ``@jobs.task``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

QUEUES = ("default", "heavy", "backup")

Work = TypeVar("Work", bound=Callable[..., dict[str, Any] | None])


@dataclass(frozen=True)
class Task:
    """A kind of long work: what does it, its name for people, where it runs, how long and how often it is tried."""

    name: str
    work: Callable[..., dict[str, Any] | None]
    label: _StrPromise | str
    queue: str
    limit: timedelta
    retries: int
    needs: str
    """The permission that the owner must still hold when the job starts; without one, a place in the project."""


_tasks: dict[str, Task] = {}


def task(
    name: str,
    *,
    label: _StrPromise | str,
    queue: str = "default",
    limit: timedelta = timedelta(hours=1),
    retries: int = 2,
    needs: str = "",
) -> Callable[[Work], Work]:
    """Declare long work named ``app.verb_noun``: ``(run, **arguments) -> result``, both plain JSON, no patient's data.

    It may run again after a crash: write what it changes inside ``run.fenced()``, or make it harmless to repeat.
    `retries` counts failures and lost workers alike.
    """
    if queue not in QUEUES:
        raise ValueError(f"{name}: there is no queue {queue!r}")

    def declare(work: Work) -> Work:
        if name in _tasks and _tasks[name].work is not work:
            raise ValueError(f"two tasks are named {name!r}")
        _tasks[name] = Task(name, work, label, queue, limit, retries, needs)
        return work

    return declare


def find(name: str) -> Task | None:
    return _tasks.get(name)


def get(name: str) -> Task:
    """Raises LookupError for a task that no installed app declares."""
    if name not in _tasks:
        raise LookupError(f"no task is named {name!r}")
    return _tasks[name]
