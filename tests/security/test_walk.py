"""Every address of the suite, as everybody: nobody gets what isn't his."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

from core.access.demo import World
from tests.walk import EVERYONE, Route, routes

pytestmark = pytest.mark.slow


def addresses(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[str]:
    """The name of every URL there is, with its namespaces."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern) and "<drf_format_suffix" not in str(entry.pattern):
            yield f"{prefix}{entry.name}"


def test_every_address_is_walked() -> None:
    """A page or resource that no list of routes names can't be published."""
    listed = {route.name for route in routes()}
    assert sorted(set(addresses()) - listed) == []
    assert sorted(listed - set(addresses())) == []


@pytest.fixture(scope="module")
def sessions(standing: World) -> dict[str, Client]:
    """A browser for each person, who has signed in and used it."""
    browsers = {who: signed_in(Client(), standing, who) for who in EVERYONE}
    for browser in browsers.values():
        browser.get("/")
    return browsers


@pytest.fixture
def world(standing: World, sessions: dict[str, Client], db: None) -> World:
    """The module's, as it was at first."""
    return copy.deepcopy(standing)


@pytest.mark.parametrize("route", routes(), ids=lambda route: route.id)
def test_everybody_gets_what_is_his(route: Route, world: World, sessions: dict[str, Client]) -> None:
    """Each person gets the answer that the route's list says, and strangers find nothing."""
    address = reverse(route.name, kwargs=route.args(world))
    wrong = {}
    for who in EVERYONE:
        client = APIClient() if route.api else Client()
        client.cookies = copy.deepcopy(sessions[who].cookies)
        with transaction.atomic():
            status = getattr(client, route.method)(address, route.data or {}).status_code
            transaction.set_rollback(True)
        if status != route.expected(who):
            wrong[who] = f"{status} instead of {route.expected(who)}"
    assert wrong == {}


def api_client(world: World, who: str) -> APIClient:
    return signed_in(APIClient(), world, who)


def signed_in(client: Any, world: World, who: str) -> Any:
    if who != "anonymous":
        client.force_login(world.user[who])
    return client
