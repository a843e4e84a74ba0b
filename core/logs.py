"""Lines for the log: with the request or job they belong to, and without anything a patient's data could be in.

The text of an unexpected error may repeat what was sent (PostgreSQL quotes the row it refuses), and the path of an
address may be a secret (an invitation's link). So an error is told by its type and place, and a request by its route.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Any

from core.context import current
from core.errors import place_of

FIELDS = ("method", "route", "status", "milliseconds", "user", "job", "task")
"""What a line may say besides, given as ``extra``."""


class Context(logging.Filter):
    """Say which request or job a line belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        context = current.get()
        record.request_id, record.channel = context.request_id, context.channel
        return True


def text_of(record: logging.LogRecord) -> str:
    """The message of a record; Django's own of a request, which names its path, is told by the route instead."""
    request = getattr(record, "request", None)
    if request is not None and record.name.startswith("django"):
        return f"{request.method} {route_of(request)} {getattr(record, 'status_code', '')}".rstrip()
    return record.getMessage()


def route_of(request: Any) -> str:
    """The pattern that an address matches, without what was filled in."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else "(no such address)"


def error_of(record: logging.LogRecord) -> dict[str, str]:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {}
    return {"error": type(error).__qualname__, "at": place_of(error)}


class Line(logging.Formatter):
    """One line for people: time, level, name, id of the request or job, message."""

    def format(self, record: logging.LogRecord) -> str:
        request_id = getattr(record, "request_id", "")
        mark = f" [{request_id}]" if request_id else ""
        error = error_of(record)
        cause = f" | {error['error']} at {error['at']}" if error else ""
        return f"{self.formatTime(record)} {record.levelname} {record.name}{mark} {text_of(record)}{cause}"


class Traceback(logging.Formatter):
    """With the whole traceback, for developers: only where DEBUG is set."""


class Json(logging.Formatter):
    """One JSON object a line, for a collector of logs."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": text_of(record),
        }
        if request_id := getattr(record, "request_id", ""):
            line |= {"request_id": request_id, "channel": getattr(record, "channel", "")}
        line |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        return json.dumps(line | error_of(record), ensure_ascii=False)


def config(level: str, form: str, *, debug: bool) -> dict[str, Any]:
    """Python's logging, for every process of the suite: all that is said goes to standard error."""
    formatters = {"line": Line, "json": Json, "traceback": Traceback}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": Context}},
        "formatters": {
            name: {"()": kind, "fmt": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}
            for name, kind in formatters.items()
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "filters": ["context"],
                "formatter": "traceback" if debug else form,
            }
        },
        "loggers": {  # these bring handlers of their own, which would tell what ours leave out
            **{name: {"handlers": [], "propagate": True} for name in ("django", "django.server", "uvicorn")},
            # These tell whole addresses, the second those of sockets; `suite.requests` doesn't.
            "uvicorn.access": {"handlers": [], "propagate": False},
            "uvicorn.error": {"level": "WARNING"},
        },
        "root": {"handlers": ["stderr"], "level": level},
    }
