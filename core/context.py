"""Who asks and from where, for the events of one request or one job."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Context:
    request_id: str = ""
    address: str | None = None
    channel: str = "system"
    """The way in: page, api, job, command (all that `manage.py` does) or system."""


current: ContextVar[Context] = ContextVar("audit_context", default=Context())  # noqa: B039  (frozen)
