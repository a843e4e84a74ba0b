"""Long work: a row per job that survives crashes, with progress, result, cancel, retry and schedules.

Use it as ``from core import jobs``; declare work in an app's ``tasks.py`` with ``@jobs.task``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.jobs.registry import task
from core.jobs.stops import Cancelled, Superseded, TimeLimit

if TYPE_CHECKING:
    from core.jobs.execution import run_waiting
    from core.jobs.run import Run
    from core.jobs.schedules import schedule, unschedule
    from core.jobs.services import cancel, retry, submit

__all__ = [
    "Cancelled",
    "Run",
    "Superseded",
    "TimeLimit",
    "cancel",
    "retry",
    "run_waiting",
    "schedule",
    "submit",
    "task",
    "unschedule",
]

_HOMES = {
    "Run": "run",
    "cancel": "services",
    "retry": "services",
    "run_waiting": "execution",
    "schedule": "schedules",
    "submit": "services",
    "unschedule": "schedules",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"core.jobs.{_HOMES[name]}"), name)
    raise AttributeError(name)
