"""docs/api.md: every call in it is made, and answered as it says."""

from __future__ import annotations

import json
import re
import time
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from core import access
from core.access.demo import World
from core.api.services import create_token
from core.rest.deprecation import deprecated
from core.rest.views import ViewSet
from core.webhooks.engine import signing

PAGE = (settings.ROOT / "docs" / "api.md").read_text()
OPEN = "…"
"""Anything may stand there."""


def test_every_call_is_answered_as_it_says(world: World) -> None:
    """The calls of the page, one after the other, with a token: status, headers and body are those that it shows."""
    owner = world.user["owner"]
    held = access.abilities(owner, world.project)
    _token, text = create_token(owner, world.project, "docs", held, timezone.now() + timedelta(days=1))
    examples = re.findall(r"```http\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) > 6
    for example in examples:
        call, _blank, answer = example.rpartition("\n\n")
        method, path, headers, body = request_in(call)
        client = APIClient(headers=headers | {"Authorization": f"Bearer {text}"})
        said = getattr(client, method)(path, json.loads(body) if body else None)
        status, *lines = answer.strip().split("\n")
        shown_headers = dict(line.split(": ", 1) for line in lines if re.match(r"[A-Z][\w-]+: ", line))
        shown = json.loads("\n".join(lines[len(shown_headers) :]))
        assert said.status_code == int(status), (path, said.content)
        for name, value in shown_headers.items():
            assert name in said.headers
            assert OPEN in value or said.headers[name] == value
        assert_shows(shown, said.json(), path)


def request_in(call: str) -> tuple[str, str, dict[str, str], str]:
    head, _blank, body = call.partition("\n\n")
    first, *lines = head.split("\n")
    method, path = first.split(" ", 1)
    headers = dict(line.split(": ", 1) for line in lines)
    return method.lower(), path, headers, body


def assert_shows(shown: Any, told: Any, place: str) -> None:
    """What is shown is told; more may be told."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert_shows(value, told[name], f"{place} {name}")
    elif isinstance(shown, list):
        assert len(shown) == len(told), place
        for each, other in zip(shown, told, strict=True):
            assert_shows(each, other, place)
    else:
        assert shown in (OPEN, told), place


def test_the_receiver_of_the_page() -> None:
    """The few lines that verify a webhook believe what the suite signs, and nothing else."""
    space: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], space)  # noqa: S102
    secret, now, body = b"s" * 32, int(time.time()), b'{"type": "ecrf.entry_saved"}'
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(now),
        "webhook-signature": signing.sign([b"o" * 32, secret], "msg_1", now, body),
    }
    is_genuine = space["is_genuine"]
    assert is_genuine(signing.secret_text(secret), headers, body)
    assert not is_genuine(signing.secret_text(secret), headers, body + b" ")
    assert not is_genuine(signing.secret_text(b"x" * 32), headers, body)
    assert not is_genuine(signing.secret_text(secret), headers | {"webhook-timestamp": str(now - 301)}, body)


class Old(ViewSet):
    """A resource of which one act will be taken away."""

    @deprecated(date(2027, 1, 1), date(2028, 1, 1), "/api/v1/new/")
    def create(self, request: Any) -> Response:
        return Response({})


def test_what_will_be_taken_away(world: World) -> None:
    """It says since when, until when and what takes its place."""
    request = APIRequestFactory().post("/", {})
    force_authenticate(request, world.user["owner"])
    answer = Old.as_view({"post": "create"})(request)
    assert answer["Deprecation"] == "@1798761600"
    assert answer["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
    assert answer["Link"] == '</api/v1/new/>; rel="successor-version"'
    assert Old.create.kwargs["schema"]


def test_nothing_is_taken_away_soon() -> None:
    """What is deprecated goes on working for a year; a shorter time can't be written."""
    with pytest.raises(ValueError, match="another year"):
        deprecated(date(2027, 1, 1), date(2027, 6, 1), "/api/v1/new/")
