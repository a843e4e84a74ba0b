"""What no program means to send: each is refused in words, as a problem."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core.access.demo import World

ApiOf = Callable[[str], APIClient]
TOKENS = "/api/v1/tokens/"


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"urn:suite-interhop:problem:{code}"
    assert answer.json()["title"]


@pytest.mark.parametrize("query", ["project=%00", "name=%00", "page_size=%00", "cursor=%00", "%00=1"])
def test_nul_in_a_query(api_of: ApiOf, query: str) -> None:
    """NUL in a filter is 400."""
    refused(api_of("owner").get(f"/api/v1/datasets/?{query}"), 400, "unreadable")


@pytest.mark.parametrize("place", ["p=garbage", "p=2026-13-45", "o=1&p=%00", "r=1&p=x"])
@pytest.mark.parametrize("path", ["/api/v1/datasets/", "/api/v1/events/"], ids=["by time", "by number"])
def test_a_cursor_around_garbage(api_of: ApiOf, place: str, path: str) -> None:
    """A cursor that says a place which no list has is 404."""
    cursor = base64.b64encode(place.encode()).decode()
    refused(api_of("owner").get(path, {"cursor": cursor}), 404, "not-found")


@pytest.mark.parametrize("depth", [101, 200_000])
def test_json_nested_too_deeply(api_of: ApiOf, depth: int) -> None:
    """JSON with more levels than anybody needs is 400."""
    body = '{"name": ' + "[" * depth + "]" * depth + "}"
    refused(api_of("owner").post(TOKENS, body, content_type="application/json"), 400, "unreadable")


@pytest.mark.parametrize("text", [r"a\u0000b", r"\ud800"], ids=["NUL", "half a character"])
@pytest.mark.parametrize("body", ['{"name": "%s"}', '{"%s": 1}', '{"permissions": [["%s"]]}'])
def test_json_with_what_no_text_holds(api_of: ApiOf, body: str, text: str) -> None:
    """A name or a value with characters that can't be stored is 400, wherever it is."""
    refused(api_of("owner").post(TOKENS, body % text, content_type="application/json"), 400, "unreadable")


def test_a_form_with_nul(api_of: ApiOf) -> None:
    """So is a field of a form with a file."""
    refused(api_of("owner").post("/api/v1/datasets/upload/", {"name": "a\0"}, format="multipart"), 400, "unreadable")


@pytest.mark.parametrize("csrf", [False, True])
def test_too_much_json(world: World, csrf: bool) -> None:
    """12 MB of JSON are 413."""
    client = APIClient(enforce_csrf_checks=csrf)
    client.force_login(world.user["owner"])
    body = '{"name": "' + "a" * (12 << 20) + '"}'
    client.cookies["csrftoken"] = token = "a" * 32
    answer = client.post(TOKENS, body, content_type="application/json", headers={"X-CSRFToken": token})
    refused(answer, 413, "too-large")


@pytest.mark.parametrize("csrf", [False, True])
def test_too_large_a_field(world: World, csrf: bool) -> None:
    """A field of a form that isn't a file and has 12 MB is 413."""
    client = APIClient(enforce_csrf_checks=csrf)
    client.force_login(world.user["owner"])
    client.cookies["csrftoken"] = token = "a" * 32
    headers = {"X-CSRFToken": token}
    answer = client.post("/api/v1/datasets/upload/", {"name": "a" * (12 << 20)}, format="multipart", headers=headers)
    refused(answer, 413, "too-large")


def test_an_address_that_is_not_there(db: None) -> None:
    """Below /api/, also an address that leads nowhere is answered as a problem."""
    refused(Client().get("/api/v1/nowhere/"), 404, "not-found")
