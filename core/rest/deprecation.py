"""What will be taken away says so in the OpenAPI document and in every answer, months before (RFC 9745, RFC 8594)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.utils.http import http_date
from drf_spectacular.utils import extend_schema

if TYPE_CHECKING:
    from django.http import HttpResponse

Act = TypeVar("Act", bound=Callable[..., Any])

NOTICE = timedelta(days=365)
"""How long what is deprecated goes on working."""


@dataclass(frozen=True)
class Deprecation:
    since: date
    until: date
    instead: str
    """Address of what takes its place, or of the words about it."""

    def write_headers(self, response: HttpResponse) -> None:
        response["Deprecation"] = f"@{int(midnight(self.since).timestamp())}"
        response["Sunset"] = http_date(midnight(self.until).timestamp())
        response["Link"] = f'<{self.instead}>; rel="successor-version"'


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def deprecated(since: date, until: date, instead: str) -> Callable[[Act], Act]:
    """Mark an action of a resource: outermost, above ``@extend_schema`` and ``@action``. It works for a year more."""
    if until - since < NOTICE:
        raise ValueError("what is deprecated works for another year")

    def mark(act: Act) -> Act:
        @wraps(act)
        def told(view: Any, *args: Any, **kwargs: Any) -> Any:
            view.deprecation = Deprecation(since, until, instead)
            return act(view, *args, **kwargs)

        return cast("Act", extend_schema(deprecated=True)(told))

    return mark
