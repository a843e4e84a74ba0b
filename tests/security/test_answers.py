"""What every address answers, also to hostile words: nothing obeys them, and every answer bears its fences.

Each address that is only read is asked twice, plainly and with hostile words in every parameter, in a study whose names
are hostile too; the tests look at the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.access.models import Organisation, Project, Site
from core.accounts.models import User
from tests.security.test_walk import api_client
from tests.walk import Route, routes

pytestmark = pytest.mark.slow
HOSTILE = """'");SELECT pg_sleep(9);-- {{ 7*191 }} {% debug %} ${7*191} %s {0} <script>alert(1)</script>"""
PARAMETERS = """q search sort order ordering filter fields columns page page_size cursor state kind level who action
project since until next view export format id__in created_at__lt created_at__gte startIndex count sortBy attributes"""
OBEYED = re.compile(r"<script>alert\(1\)|(?<!-)\b1337\b(?!-)")
"""A script that would run, or what 7 * 191 is; not the part of an identifier that happens to be so."""
POLICY = ("default-src 'none'", "script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")

Answers = list[tuple[Route, Any]]
gathered: Answers = []


@pytest.fixture
def answers(world: World, client_of: Callable[[str], Client]) -> Answers:
    """Gathered by the first test that needs them."""
    if not gathered:
        for model, row in ((Organisation, world.organisation), (Project, world.project), (Site, world.site_a)):
            model.objects.filter(pk=row.pk).update(name=f"Étude {HOSTILE}")  # type: ignore[attr-defined]
        User.objects.filter(pk=world.user["member"].pk).update(full_name=HOSTILE)
        found: Answers = []
        hostile = dict.fromkeys(PARAMETERS.split(), HOSTILE)
        for route in routes():
            who = next((who for who in ("owner", "administrator") if route.expected(who) == 200), "")
            if route.method != "get" or not who:
                continue
            client: Any = api_client(world, who) if route.api else client_of(who)
            client.raise_request_exception = False
            address = reverse(route.name, kwargs=route.args(world))
            with transaction.atomic():
                found += [(route, client.get(address, data)) for data in ({}, hostile)]
                transaction.set_rollback(True)
        gathered.extend(found)
    return gathered


def is_page(answer: Any) -> bool:
    kind = answer.headers.get("Content-Type", "")
    return not answer.streaming and kind.startswith("text/html")


def test_no_address_obeys_what_it_is_told(answers: Answers) -> None:
    """SQL, templates, formats and markup in every parameter and every name do nothing, and lead nowhere else."""
    wrong = {}
    for route, answer in answers:
        if answer.status_code >= 500:
            wrong[route.name] = str(answer.status_code)
        elif is_page(answer) and OBEYED.search(answer.text):
            wrong[route.name] = "it obeys"
        elif urlsplit(answer.headers.get("Location", "")).netloc not in ("", "testserver"):
            wrong[route.name] = answer["Location"]
    assert wrong == {}
    assert len(answers) > 200


def faults(answer: Any, public: bool) -> list[str]:
    kind = answer.headers.get("Content-Type", "")
    policy = answer.headers.get("Content-Security-Policy", "")
    kept = answer.headers.get("Cache-Control", "")
    found = {
        "policy": "unsafe" in policy or not all(part in policy for part in POLICY),
        "sniffed": answer.headers.get("X-Content-Type-Options") != "nosniff",
        "referrer": answer.headers.get("Referrer-Policy") not in ("same-origin", "no-referrer"),
        "type": not kind and answer.status_code not in (204, 304),
        f"charset of {kind}": kind.startswith("text/") and "charset=utf-8" not in kind.replace('"', ""),
        "says too much": "Server" in answer.headers or (not public and "Access-Control-Allow-Origin" in answer.headers),
        f"cached: {kept}": not public and "no-store" not in kept and "no-cache" not in kept,
    }
    return [name for name, is_so in found.items() if is_so]


def test_every_answer_is_fenced(answers: Answers) -> None:
    """Policy, type, charset, referrer, no sniffing; what isn't public is for no other origin and kept in no cache."""
    found = {route.name: faults(answer, "anonymous" in route.allowed) for route, answer in answers}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_every_page_has_a_way_out(answers: Answers) -> None:
    """Whoever is signed in finds the way to sign out on every page."""
    whole = [(route.name, answer) for route, answer in answers if is_page(answer) and "anonymous" not in route.allowed]
    pages = {name: answer.text for name, answer in whole if answer.text.startswith("<!doctype html")}
    assert sorted(name for name, text in pages.items() if "/accounts/logout/" not in text) == []
    assert len(pages) > 50


@pytest.mark.parametrize("path", ["/nowhere/", "/api/v1/nowhere/", "/accounts/login/", "/static/nothing.js"])
def test_refusals_are_fenced_too(db: None, path: str) -> None:
    """A page or file that isn't there, a call without a token, and the sign-in page bear the same."""
    assert faults(Client().get(path), public=True) == []
