"""Traces go to a collector where an operator names one, and tell no value."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from psycopg.sql import SQL, Identifier
from pytest_django import Settings

from core import jobs, tracing
from core.access.demo import World
from core.health import telemetry
from core.jobs import execution
from core.journal.services import VERIFY


@pytest.fixture
def collector(settings: Settings) -> Iterator[list[bytes]]:
    """A collector that keeps what it is sent, and the suite set to send there."""
    bodies: list[bytes] = []

    class Collect(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collect)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.OTEL_ENDPOINT = f"http://127.0.0.1:{server.server_address[1]}"
    yield bodies
    tracing.use(None)
    connection_created.disconnect(dispatch_uid="health.telemetry")
    connection.execute_wrappers.clear()
    server.shutdown()
    server.server_close()


def spans(bodies: list[bytes]) -> list[Any]:
    found = []
    for body in bodies:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                found += scope.spans
    return found


def test_a_request_and_its_statements_are_told(collector: list[bytes], world: World, client: Client) -> None:
    """A request is a span named by its route; its statements are spans below it, named by verb and table."""
    provider = telemetry.start()
    telemetry.watch(connection)
    client.force_login(world.user["owner"])
    client.get(f"/projects/{world.project.slug}/", {"q": "Jeanne Martin"})
    assert provider is not None
    provider.shutdown()
    found = spans(collector)
    (request,) = (span for span in found if span.name == "GET /projects/<slug:project>/")
    below = {span.name for span in found if span.parent_span_id == request.span_id}
    assert "SELECT access_project" in below
    assert {each.key: each.value.int_value for each in request.attributes}["http.response.status_code"] == 200
    assert world.project.slug.encode() not in b"".join(collector)
    assert b"Jeanne" not in b"".join(collector)


def test_a_statement_put_together_of_names_is_told(collector: list[bytes], world: World) -> None:
    """What our own code composes, as for triggers, is carried out and told like any other statement."""
    provider = telemetry.start()
    telemetry.watch(connection)
    with connection.cursor() as cursor:
        cursor.execute(SQL("SELECT count(*) FROM {}").format(Identifier("access_role")))
        assert cursor.fetchone()[0] > 0
    assert provider is not None
    provider.shutdown()
    assert "SELECT access_role" in {span.name for span in spans(collector)}


def test_a_job_is_told(collector: list[bytes], world: World) -> None:
    """A job is a span named by its task."""
    provider = telemetry.start()
    jobs.submit(world.user["owner"], VERIFY, project=world.project)
    execution.run_waiting()
    assert provider is not None
    provider.shutdown()
    assert f"job {VERIFY}" in {span.name for span in spans(collector)}


def test_an_error_is_told_by_its_type(collector: list[bytes]) -> None:
    """What went wrong is told by the type of the error, never by its words."""
    provider = telemetry.start()
    with pytest.raises(ValueError, match="Jeanne"), tracing.span("work"):
        raise ValueError("Jeanne Martin")
    assert provider is not None
    provider.shutdown()
    (span,) = spans(collector)
    assert {each.key: each.value.string_value for each in span.attributes} == {"error.type": "ValueError"}
    assert b"Jeanne" not in b"".join(collector)


def test_nothing_is_traced_unasked(settings: Settings) -> None:
    """Without a collector no span is made."""
    settings.OTEL_ENDPOINT = ""
    assert telemetry.start() is None
    with tracing.span("work") as span:
        assert span is None


def test_a_missing_extra_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the libraries aren't there the start says which extra brings them."""
    settings.OTEL_ENDPOINT = "http://127.0.0.1:1"
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(ImproperlyConfigured, match="telemetry"):
        telemetry.start()


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ('SELECT "access_project"."id" FROM "access_project" WHERE x = 1', "SELECT access_project"),
        ("INSERT INTO audit_event (a) VALUES (%s)", "INSERT audit_event"),
        ("  update ecrf_entry set a = 1", "UPDATE ecrf_entry"),
        ("SET TRANSACTION READ ONLY", "SET"),
        ("", "?"),
    ],
)
def test_a_statement_is_named_by_verb_and_table(sql: str, name: str) -> None:
    """No text of a statement is told."""
    assert telemetry.summary(sql) == name
