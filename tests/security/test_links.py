"""No page leads its reader to what he may not open."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from core.access.demo import World
from tests.walk import EVERYONE, Route, routes

pytestmark = pytest.mark.slow
LEADS = re.compile(r'\b(?:href|hx-get|src)="([^"#]+)')
FOR_ALL = {route.name for route in routes() if all(route.expected(who) == 200 for who in EVERYONE)}

opened: dict[str, int] = {}
"""What pages that are for everybody answered to the first who was led there: the API alone has hundreds of them."""


@pytest.fixture(scope="module")
def pages(standing: World) -> list[tuple[Route, str]]:
    """Each page that is read, and its address."""
    read = [route for route in routes() if route.method == "get" and not route.api]
    return [(route, reverse(route.name, kwargs=route.args(standing))) for route in read]


@pytest.fixture
def world(standing: World, pages: list[tuple[Route, str]], db: None) -> World:
    """The module's, with all that the pages are about."""
    return copy.deepcopy(standing)


def is_for_all(lead: str) -> bool:
    try:
        return resolve(urlsplit(lead).path).view_name in FOR_ALL
    except Resolver404:
        return False


@pytest.mark.parametrize("who", EVERYONE)
def test_every_link_opens(pages: list[tuple[Route, str]], client_of: Callable[[str], Client], who: str) -> None:
    """Whatever a person's pages link to answers him."""
    client = client_of(who)
    his = {address: route.name for route, address in pages if route.expected(who) == 200}
    status, seen = dict[str, int](), dict[str, str]()
    for address, name in his.items():
        answer = client.get(address)
        status[address] = answer.status_code
        if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.streaming:
            continue
        for found in set(LEADS.findall(answer.content.decode())):
            lead = urljoin(address, unescape(found))
            if lead in seen or urlsplit(lead).netloc or lead.startswith(("data:", "mailto:", "/static/")):
                continue
            seen[lead] = name
            if lead in his:  # it is opened in its turn
                continue
            status[lead] = opened.get(lead) or client.get(lead).status_code
            if is_for_all(lead):
                opened[lead] = status[lead]
    assert {lead: f"{status[lead]}, on {name}" for lead, name in seen.items() if status[lead] >= 400} == {}
    assert len(seen) >= 5
