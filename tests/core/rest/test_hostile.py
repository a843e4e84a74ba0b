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


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_of_another_type(api_of: ApiOf, kind: str) -> None:
    """A resource that takes no files takes only JSON: 415, so that no form of another site can speak to it."""
    refused(api_of("owner").post(TOKENS, "name=a", content_type=kind), 415, "unsupported-media-type")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "1" + "0" * 5000])
def test_numbers_that_are_none(api_of: ApiOf, number: str) -> None:
    """A number that no column holds is refused in words, never by an error of ours."""
    body = f'{{"base_revision": {number}, "values": {{"x": {number}}}, "subject": {number}, "form": "f"}}'
    answer = api_of("owner").post("/api/v1/ecrf/entries/", body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_name_said_twice(api_of: ApiOf) -> None:
    """An object that says a name twice says two things: it is refused, for others would read the other one."""
    body = '{"name": "a", "name": "b"}'
    refused(api_of("owner").post(TOKENS, body, content_type="application/json"), 400, "unreadable")


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_in_a_header(api_of: ApiOf, name: str) -> None:
    """The method is that of the call, whatever a header says."""
    client = api_of("owner")
    member = client.get("/api/v1/members/").json()["results"][0]["id"]
    assert client.get(f"/api/v1/members/{member}/?_method=DELETE").status_code == 400
    answer = client.get(f"/api/v1/members/{member}/", headers={name: "DELETE"})
    assert (answer.status_code, client.get(f"/api/v1/members/{member}/").status_code) == (200, 200)
    assert client.post(f"/api/v1/members/{member}/", {}, headers={name: "DELETE"}).status_code == 405


def test_other_sites_get_nothing(world: World) -> None:
    """No other site's script reads an answer, and its preflight is not granted."""
    client = APIClient()
    client.force_login(world.user["owner"])
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for answer in (client.get(TOKENS, headers=asked), client.options(TOKENS, headers=asked)):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_a_session_without_its_csrf_token(world: World) -> None:
    """A change in a session needs the token that only our own pages have."""
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(world.user["owner"])
    refused(client.post(TOKENS, {}), 403, "permission-denied")


@pytest.mark.parametrize("forged", [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}])
def test_another_host(db: None, settings: Any, forged: dict[str, str]) -> None:
    """A host that isn't served is refused, and one in a header of a proxy is not believed: no link leads there."""
    settings.ALLOWED_HOSTS = ["testserver"]
    answer = Client().get("/api/v1/", headers=forged)
    assert b"evil.example" not in answer.content
    assert answer.status_code == (400 if "Host" in forged else 200)


def test_an_address_in_a_header(api_of: ApiOf) -> None:
    """Without a trusted proxy, nobody chooses the address that stands in the journal."""
    from core.audit.models import Event

    api_of("owner").get("/api/v1/audit/events/", headers={"X-Forwarded-For": "192.0.2.1"})
    assert set(Event.objects.filter(action="audit.journal_read").values_list("address", flat=True)) == {"127.0.0.1"}


@pytest.mark.parametrize("size", ["0", "-1", "501", "true", "", "1e2", "9" * 400, "٣"])
def test_a_size_that_no_page_has(api_of: ApiOf, size: str) -> None:
    """A page has 1 to 500 rows; anything else is said to be wrong, not quietly made another."""
    refused(api_of("owner").get("/api/v1/jobs/", {"page_size": size}), 422, "invalid")
