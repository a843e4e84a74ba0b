"""Traces for an OpenTelemetry collector, where OTEL_ENDPOINT names one: requests, jobs, and statements by their table.

The libraries come with the extra `telemetry`. No value, path or statement text leaves: see `core.tracing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.sql import Composable

from core import tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE|JOIN)\s+"?([a-z_][a-z0-9_]*)"?', re.IGNORECASE)


def start() -> TracerProvider | None:
    """Send spans from now on, if the operator asked for it. Raises ImproperlyConfigured without the libraries."""
    if not settings.OTEL_ENDPOINT:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured(
            "OTEL_ENDPOINT is set, but the extra «telemetry» isn't installed: pip install 'suite-interhop[telemetry]'."
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": "suite-interhop"}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.OTEL_ENDPOINT.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracing.use(provider.get_tracer("core"))
    connection_created.connect(watch, dispatch_uid="health.telemetry")
    return provider


def watch(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Measure what this connection is asked."""
    if statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(statement)


def statement(
    execute: Callable[..., Any], sql: str | Composable, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    with tracing.span(summary(sql), **{"db.system.name": "postgresql"}):
        return execute(sql, params, many, context)


def summary(sql: str | Composable) -> str:
    """The verb and the first table of a statement: ``SELECT ecrf_entry``."""
    text = sql.as_string(None) if isinstance(sql, Composable) else sql
    verb = text.lstrip().split(None, 1)[0].upper() if text.strip() else "?"
    found = TABLE.search(text)
    return f"{verb} {found[1]}" if found else verb
