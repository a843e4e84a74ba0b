"""Spans for OpenTelemetry, where an operator asked for them (`core.health.telemetry`); otherwise nothing is done.

Names and attributes are those of code: routes, tasks, tables, counts; never a value that somebody entered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_tracer: Any = None


def use(tracer: Any) -> None:
    """Send the spans of this process to a tracer, or nowhere."""
    global _tracer
    _tracer = tracer


@contextmanager
def span(name: str, *, kind: Any = None, parent: Any = None, **attributes: str | int) -> Iterator[Any]:
    """Measure what is done inside. An error is told by its type alone; the span is None where nobody asked for it."""
    if _tracer is None:
        yield None
        return
    options = {"kind": kind} if kind is not None else {}
    with _tracer.start_as_current_span(
        name, context=parent, attributes=attributes, record_exception=False, set_status_on_exception=False, **options
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_attribute("error.type", type(error).__qualname__)
            raise
