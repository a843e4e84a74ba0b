"""The OpenAPI document is true: every answer conforms to what it says, and nothing that it allows breaks the server."""

from __future__ import annotations

import copy
import functools
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from core.access.demo import World
from core.api.api.schema import document
from core.rest.views import Resource
from tests.walk import Route, routes

pytestmark = pytest.mark.slow
PROMISES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
"""Not among them: what is well formed may still be refused, by rules between values that no schema can say."""


@pytest.fixture
def world(standing: World, db: None) -> World:
    """The module's, as it was at first."""
    return copy.deepcopy(standing)


@functools.cache
def described() -> Any:
    return schemathesis.openapi.from_dict(json.loads(document("fr")[0]))


def operations() -> list[Any]:
    return [found.ok() for found in described().get_all_operations()]


def rooms() -> list[str]:
    return sorted({operation.path.split("/")[3] for operation in operations()})


@pytest.mark.parametrize("room", rooms())
def test_nothing_breaks_it(world: World, room: str) -> None:
    """Whatever the document allows is answered as it says, and never by an error of ours."""
    client = Client()
    client.force_login(world.user["owner"])
    for operation in operations():
        if operation.path.split("/")[3] == room:
            try_out(operation, client, world)


def try_out(operation: Any, client: Client, world: World) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=1,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def once(case: Any) -> None:
        if isinstance(case.body, dict) and "project" in case.body:
            case.body["project"] = world.project.slug
        with transaction.atomic():
            promised(case, send(client, case))
            transaction.set_rollback(True)

    once()


@pytest.mark.parametrize("route", [route for route in routes() if route.api], ids=lambda route: route.id)
def test_what_is_there_conforms(route: Route, world: World) -> None:
    """The answer about something real is of the status, the type and the shape that the document says."""
    address = reverse(route.name, kwargs=route.args(world))
    operation = described().find_operation_by_path(route.method, address)
    if operation is None:  # the document itself; and a name of several words, which OpenAPI has no path for
        assert route.name in ("api:api:schema", "api:backup:object")
        return
    for who in ("owner", "stranger"):
        client = Client()
        client.force_login(world.user[who])
        case = operation.Case(path_parameters=parameters(operation.path, address))
        with transaction.atomic():
            answer = client.generic(
                route.method.upper(), address, json.dumps(route.data or {}), content_type="application/json"
            )
            promised(case, as_sent(answer, requests.Request(route.method, f"http://testserver{address}").prepare()))
            transaction.set_rollback(True)


def parameters(template: str, address: str) -> dict[str, str]:
    pairs = zip(template.split("/"), address.split("/"), strict=True)
    return {name.strip("{}"): value for name, value in pairs if name.startswith("{")}


def send(client: Client, case: Any) -> schemathesis.Response:
    given = case.as_transport_kwargs(base_url="http://testserver")
    asked = requests.Request(
        **{
            name: value
            for name, value in given.items()
            if name in ("method", "url", "headers", "json", "data", "files")
        }
    ).prepare()
    where = urlsplit(str(asked.url))
    body = asked.body or b""
    headers = {name: value for name, value in asked.headers.items() if name not in ("Content-Length", "Cookie")}
    answer = client.generic(
        str(asked.method),
        f"{where.path}?{where.query}",
        body if isinstance(body, bytes | str) else b"".join(body),
        content_type=asked.headers.get("Content-Type", "application/octet-stream"),
        headers=headers,
    )
    return as_sent(answer, asked)


def as_sent(answer: Any, asked: requests.PreparedRequest) -> schemathesis.Response:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = {name.lower(): [value] for name, value in answer.headers.items()}
    return schemathesis.Response(answer.status_code, headers, content, asked, 0.0, False)


def promised(case: Any, answer: schemathesis.Response) -> None:
    case.validate_response(answer, checks=[getattr(checks, name) for name in PROMISES])


def test_every_resource_stands_on_the_base() -> None:
    """What the base gives to resources comes to all of them, since none goes past it."""
    assert [name for name, view in api_views() if not issubclass(view, Resource)] == []


def api_views() -> list[tuple[str, type]]:
    resolvers = [entry for entry in get_resolver().url_patterns if isinstance(entry, URLResolver)]
    api = next(entry for entry in resolvers if entry.namespace == "api")
    rooms = [room for room in api.url_patterns if isinstance(room, URLResolver)]
    patterns = [pattern for room in rooms for pattern in room.url_patterns if isinstance(pattern, URLPattern)]
    return [(str(pattern.name), getattr(pattern.callback, "cls", object)) for pattern in patterns]
