"""Services that sign people in here, looked after over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core.access.demo import World
from core.audit.models import Event
from core.provider.models import Service
from tests.core.provider.conftest import BACK, Relying

CLIENTS = "/api/v1/clients/"
WIKI = {"name": "Wiki", "redirect_uris": [BACK], "scopes": ["openid", "email"]}


@pytest.fixture
def administrator(api_of: Callable[[str], APIClient], confirm: Callable[[Any], Any]) -> APIClient:
    return confirm(api_of("administrator"))  # type: ignore[no-any-return]


def test_service_is_registered(administrator: APIClient, client_of: Callable[[str], Client], world: World) -> None:
    """The secret comes once and works; later answers show the rest of it, and who may sign in by slug."""
    asked = WIKI | {"skip_consent": True, "audience": "projects", "projects": [world.project.slug]}
    made = administrator.post(CLIENTS, asked)
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    wiki = Relying(Service.objects.get(), made.json()["secret"], client_of("owner"))
    assert wiki.redeem(wiki.code(scope="openid")).status_code == 200
    shown = administrator.get(f"{CLIENTS}{made.json()['id']}/").json()
    assert "secret" not in shown
    assert (shown["projects"], shown["people"], shown["scopes"]) == ([world.project.slug], 1, ["email", "openid"])
    assert administrator.get(CLIENTS).json()["results"] == [shown]
    assert Event.objects.filter(action="provider.client_registered").exists()


def test_every_fault_is_told(administrator: APIClient) -> None:
    """Bad input is refused whole, each fault with its place."""
    bad = administrator.post(CLIENTS, WIKI | {"redirect_uris": ["http://x.example/"], "audience": "projects"})
    assert bad.status_code == 422
    assert [error["place"] for error in bad.json()["errors"]] == ["projects", "redirect_uris"]
    assert administrator.post(CLIENTS, WIKI | {"scopes": ["everything"]}).status_code == 422
    unasked = administrator.post(CLIENTS, WIKI | {"scopes": ["api"], "skip_consent": True})
    assert [error["place"] for error in unasked.json()["errors"]] == ["skip_consent"]
    assert not Service.objects.exists()


def test_service_is_changed(administrator: APIClient) -> None:
    """What isn't given stays; nobody overwrites another's change; disabled it lets nobody in."""
    path = f"{CLIENTS}{administrator.post(CLIENTS, WIKI).json()['id']}/"
    tag = administrator.get(path)["ETag"]
    changed = administrator.patch(path, {"description": "Notes"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["description"], changed.json()["name"]) == (200, "Notes", "Wiki")
    assert administrator.patch(path, {"name": "X"}, headers={"If-Match": tag}).status_code == 412
    assert administrator.patch(path, {"public": True}, headers={"If-Match": "*"}).status_code == 422
    assert administrator.post(f"{path}disable/").json()["disabled_at"]
    assert administrator.post(f"{path}enable/").json()["disabled_at"] is None
    assert administrator.post(f"{path}secret/").json()["secret"]


def test_keys_are_rotated(administrator: APIClient) -> None:
    """The keys are listed without their private half, and the next one is made to sign."""
    rotated = administrator.post("/api/v1/signing-keys/rotate/").json()
    assert rotated["state"] == "current"
    assert "d" not in rotated["public"]
    listed = administrator.get("/api/v1/signing-keys/").json()["results"]
    assert sorted(key["state"] for key in listed) == ["current", "next", "old"]


def test_only_who_has_said_who_he_is(api_of: Callable[[str], APIClient], confirm: Callable[[Any], Any]) -> None:
    """An administrator is asked first; nobody else registers anything, and the refusal is written down."""
    asked = api_of("administrator").post(CLIENTS, WIKI)
    assert asked.json()["type"] == "urn:suite-interhop:problem:reauthenticate"
    refused = confirm(api_of("owner")).post(CLIENTS, WIKI)
    assert refused.json()["type"] == "urn:suite-interhop:problem:forbidden"
    assert Event.objects.filter(action="access.refused", details__permission="provider.manage_clients").exists()
    assert not Service.objects.exists()
