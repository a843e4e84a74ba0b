"""No page leads its reader to what he may not open."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from tests.walk import EVERYONE, Route, routes

pytestmark = pytest.mark.slow
LEADS = re.compile(r'\b(?:href|hx-get|src)="([^"#]+)')


@pytest.fixture(scope="module")
def pages(standing: World) -> list[tuple[Route, str]]:
    """Each page that is read, and its address."""
    read = [route for route in routes() if route.method == "get" and not route.api]
    return [(route, reverse(route.name, kwargs=route.args(standing))) for route in read]


@pytest.fixture
def world(standing: World, pages: list[tuple[Route, str]], db: None) -> World:
    """The module's, with all that the pages are about."""
    return copy.deepcopy(standing)


@pytest.mark.parametrize("who", EVERYONE)
def test_every_link_opens(pages: list[tuple[Route, str]], client_of: Callable[[str], Client], who: str) -> None:
    """Whatever a person's pages link to answers him."""
    client, seen = client_of(who), set[str]()
    dead = {}
    for route, address in pages:
        if route.expected(who) != 200:
            continue
        answer = client.get(address)
        if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.streaming:
            continue
        for found in LEADS.findall(answer.content.decode()):
            lead = urljoin(address, unescape(found))
            if lead in seen or urlsplit(lead).netloc or lead.startswith(("data:", "mailto:", "/static/")):
                continue
            seen.add(lead)
            status = client.get(lead).status_code
            if status >= 400:
                dead[lead] = f"{status}, on {route.name}"
    assert dead == {}
    assert len(seen) >= 5
