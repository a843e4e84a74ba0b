"""Every page that the lists of routes name, in Chromium: axe finds nothing, nothing is too wide, nothing complains.

Each is opened wide and light in French, and narrow and dark in English; `make look` also opens the other two ways.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from core.access.demo import World
from tests.e2e.axe import violations
from tests.e2e.conftest import Site, apart, sign_in
from tests.e2e.pictures import photograph
from tests.e2e.quiet import visit
from tests.walk import Route, in_project, routes

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

READERS = ("owner", "administrator", "member", "anonymous")
WAYS = (("fr", "light", 1440), ("en", "dark", 390))
MORE = (("fr", "dark", 390), ("en", "light", 1440))

readers: dict[str, str] = {}


class Sight(NamedTuple):
    """A whole page, and who looks at it."""

    name: str
    address: str
    who: str


def sights(world: World) -> Iterator[Sight]:
    """Each address that answers somebody with a page of its own, as the first of READERS who may see it."""
    settle(world)
    clients = {who: client_of(world, who) for who in READERS}
    for route in routes():
        if route.method == "get" and not route.api:
            address = reverse(route.name, kwargs=route.args(world))
            if who := reader(clients, route, address):
                yield Sight(route.name.replace(":", "-"), address, who)
    yield Sight("refused", reverse("ecrf:import", kwargs=in_project(world)), "member")
    yield Sight("gone", reverse("access:accept", kwargs={"secret": "unknown"}), "anonymous")
    yield Sight("unknown", "/unknown/", "owner")


def reader(clients: dict[str, Client], route: Route, address: str) -> str:
    """The first of READERS who gets a page there, nobody where it isn't one. It's the same in each way of looking."""
    if route.name not in readers:
        readers[route.name] = ""
        for who, client in clients.items():
            answer = client.get(address)
            if is_page(answer):
                readers[route.name] = who
            if answer.status_code == 200:  # a page, or a fragment or file, which it is for everybody
                break
    return readers[route.name]


def settle(world: World) -> None:
    """The owner has a password and recovery codes; the clinician has yet to add a second factor."""
    owner = world.user["owner"]
    owner.set_password("une phrase longue pour essayer")
    owner.save()
    RecoveryCodes.activate(owner)
    Authenticator.objects.filter(user=world.user["member"]).delete()


def client_of(world: World, who: str) -> Client:
    client = Client()
    if who != "anonymous":
        client.cookies[settings.SESSION_COOKIE_NAME] = sign_in(world.user[who], "fr")
    return client


def is_page(answer: HttpResponse) -> bool:
    """Whether this is a page for a browser: no fragment, no file, no other page's address."""
    if answer.status_code != 200 or answer.streaming:
        return False
    return answer.headers["Content-Type"].startswith("text/html") and b"<html" in answer.content


def faults(page: Page, width: int) -> list[str]:
    found = violations(page)
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append(f"wider than {width} pixels")
    return found


@pytest.mark.parametrize(("language", "theme", "width"), WAYS + MORE if "LOOK" in os.environ else WAYS)
def test_every_page(site: Site, language: str, theme: str, width: int) -> None:
    """Whoever it is for can use it: in this language and theme, on a screen this wide."""
    seen = apart(lambda: list(sights(site.world)))
    assert len(seen) > 50
    complaints: list[str] = []
    for who in READERS:
        page = site.open("", who, language, theme, width)
        errors: list[str] = []
        page.on("console", lambda message, to=errors: to.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error, to=errors: to.append(str(error)))
        for sight in seen:
            if sight.who == who:
                answer = visit(page, site.address + sight.address)
                assert answer is not None
                if answer.status >= 400:  # the browser says so too
                    errors[:] = [error for error in errors if str(answer.status) not in error]
                photograph(page, f"{sight.name}-{width}-{theme}-{language}")
                complaints += [f"{sight.name}: {fault}" for fault in (*faults(page, width), *errors)]
                errors.clear()
    assert complaints == []
