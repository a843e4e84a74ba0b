"""Methods, cookies and calls in the clear: nothing is sent back, planted by a neighbour or read on its way."""

from __future__ import annotations

import runpy
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from core.access.demo import World
from tests.repository.files import ROOT


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_no_request_is_sent_back(world: World, client_of: Callable[[str], Client], method: str) -> None:
    """TRACE, which would show cookies to a script, isn't spoken, nor are methods that nobody needs."""
    client, project = client_of("owner"), reverse("access:project", args=[world.project.slug])
    for path in (project, "/api/v1/projects/", "/healthz"):
        answer = client.generic(method, path, headers={"X-Secret": "not for scripts"})
        assert answer.status_code == 405
        assert "not for scripts" not in answer.text


def test_cookies_are_of_this_host_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind https every cookie is `__Host-`, Secure, HttpOnly and SameSite: no neighbour of the domain plants one."""
    monkeypatch.setenv("PUBLIC_URL", "https://suite.example")
    made = runpy.run_path(str(ROOT / "core" / "config" / "settings.py"))
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        assert made[f"{name}_COOKIE_NAME"].startswith("__Host-")
        assert made[f"{name}_COOKIE_SECURE"] is True
        assert made[f"{name}_COOKIE_SAMESITE"] == "Lax"
        assert made.get(f"{name}_COOKIE_HTTPONLY", True) is True
        assert f"{name}_COOKIE_DOMAIN" not in made
    assert made["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert made["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True


@pytest.mark.parametrize("path", ["/api/v1/projects/", "/oauth/token", "/scim/v2/Users"])
def test_programs_in_the_clear_are_refused(world: World, settings: Settings, path: str) -> None:
    """A program that forgot the s of https is told so and not led on, for its token could be read; a browser is."""
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = True
    answer = APIClient().post(path)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:suite-interhop:problem:not-secure")
    assert "Location" not in answer.headers
    assert APIClient().post(path, secure=True).status_code != 403
    assert Client().get("/accounts/login/")["Location"].startswith("https://")
