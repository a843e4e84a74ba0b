"""How much one caller may ask for in a minute."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core.access.demo import World
from core.api.services import create_token
from core.audit.models import Event
from core.rest import limits

ApiOf = Callable[[str], APIClient]
ME = "/api/v1/me/"


def program(world: World) -> APIClient:
    until = timezone.now() + timedelta(days=1)
    _token, text = create_token(world.user["owner"], world.project, "script", ["access.view_project"], until)
    return APIClient(headers={"Authorization": f"Bearer {text}"})


def state(answer: Any) -> dict[str, int]:
    parts = [part.split(";") for part in answer["RateLimit"].split(", ")]
    return {part[0].strip('"'): int(part[1].removeprefix("r=")) for part in parts}


def test_what_is_left_is_told(api_of: ApiOf, world: World, settings: Any) -> None:
    """Each answer says how much there is, how much is left and when all of it is there again."""
    settings.RATE_TOKEN, settings.RATE_PERSON = 100, 200
    answer = program(world).get(ME)
    assert answer["RateLimit-Policy"] == '"token";q=100;w=60, "person";q=200;w=60'
    assert state(answer) == {"token": 99, "person": 199}
    assert ";t=1" in answer["RateLimit"]
    assert "token" not in api_of("owner").get(ME)["RateLimit"]


def test_more_than_there_is(world: World, settings: Any) -> None:
    """Who has used up his units is told in words how long to wait, and a call that was stopped costs nothing."""
    settings.RATE_TOKEN, settings.RATE_PERSON = 2, 60
    client = program(world)
    assert [client.get(ME).status_code for _call in range(3)] == [200, 200, 429]
    stopped = client.get(ME)
    assert (stopped["Content-Type"], stopped.json()["type"]) == (
        "application/problem+json",
        "urn:suite-interhop:problem:too-many",
    )
    assert 1 <= int(stopped["Retry-After"]) <= 30
    assert stopped["Retry-After"] in stopped.json()["title"]
    assert state(stopped)["person"] >= 58


def test_two_tokens_of_one_person(world: World, settings: Any) -> None:
    """More tokens don't give more than a person has."""
    settings.RATE_PERSON = 2
    assert [program(world).get(ME).status_code for _call in range(3)] == [200, 200, 429]


def test_what_costs_more(api_of: ApiOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change costs more than a reading, an export more than a change, and many changes more than that."""
    costs: list[int] = []
    monkeypatch.setattr(limits, "take", lambda _buckets, cost: costs.append(cost))
    client = api_of("owner")
    client.get(ME)
    client.post("/api/v1/tokens/", {})
    client.post(f"/api/v1/ecrf/forms/{uuid.uuid4()}/export/", {})
    client.post("/api/v1/ecrf/subjects/bulk/", {})
    assert [cost for cost in costs if cost] == [1, 5, 20, 50]


def test_guessing_at_tokens(world: World, settings: Any) -> None:
    """Who sends tokens that don't exist draws from the bucket of his address, and is stopped."""
    settings.RATE_ADDRESS = 10
    client = APIClient(headers={"Authorization": "Bearer suite_0.x"}, REMOTE_ADDR="198.51.100.77")
    assert [client.get(ME).status_code for _call in range(3)] == [401, 401, 429]
    assert APIClient(REMOTE_ADDR="192.0.2.78").get("/api/v1/").status_code == 200


def test_addresses_of_one_machine(world: World, settings: Any) -> None:
    """A machine has a whole /64 of IPv6: its addresses share one bucket."""
    settings.RATE_ADDRESS = 2
    places = [f"2001:db8:77::{number}" for number in range(3)]
    assert [APIClient(REMOTE_ADDR=place).get("/api/v1/").status_code for place in places] == [200, 200, 429]


def test_pages(world: World, client_of: Callable[[str], Client], settings: Any) -> None:
    """A page that is asked for too often answers 429 in words; the health of the instance is always told."""
    settings.RATE_PERSON = 1
    client = client_of("member")
    assert client.get("/accounts/tokens/").status_code == 200
    answer = client.get("/accounts/tokens/")
    assert (answer.status_code, answer["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert "Un instant" in answer.text
    assert int(answer["Retry-After"]) <= 60
    assert client.get("/healthz").status_code == 200


def test_many_at_the_same_moment() -> None:
    """However many ask at once, no more is given than there is."""
    bucket = limits.Bucket("person", str(uuid.uuid4()), 10)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _number: limits.take([bucket], 1), range(40)))
    assert sum(1 for each in taken if each and not each.wait) == 10


def test_no_limit(api_of: ApiOf, settings: Any) -> None:
    """A setting of 0 limits nothing, and then nothing is said of limits."""
    settings.RATE_PERSON = 0
    assert "RateLimit" not in api_of("owner").get(ME)


def test_valkey_is_away(api_of: ApiOf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Where nobody counts, the work goes on, and the log says so."""
    away = redis.Redis.from_url("unix:///nowhere", socket_timeout=1)
    monkeypatch.setattr(limits, "valkey", lambda: away)
    assert api_of("owner").get(ME).status_code == 200
    assert "calls are not counted" in caplog.text


def test_what_is_refused_counts(world: World, settings: Any) -> None:
    """A program that asks again and again for what it may not is stopped, and so are its lines in the journal."""
    settings.RATE_TOKEN = 3
    client = program(world)
    answers = [client.get("/api/v1/tokens/").status_code for _call in range(5)]
    assert answers == [403, 403, 403, 429, 429]
    assert Event.objects.filter(action="access.refused").count() == 3
