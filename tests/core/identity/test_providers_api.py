"""Identity providers, looked after over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.audit.models import Event
from core.identity.models import IdentityProvider

PROVIDERS = "/api/v1/identity-providers/"
CHU = {"name": "CHU", "discovery_url": "https://sso.chu.example/realms/chu", "client_id": "suite", "secret": "s3cret"}


@pytest.fixture
def administrator(api_of: Callable[[str], APIClient], confirm: Callable[[Any], Any]) -> APIClient:
    return confirm(api_of("administrator"))  # type: ignore[no-any-return]


def test_provider_is_added(administrator: APIClient) -> None:
    """Its secret is kept and never shown; the realm's own address leads to its configuration."""
    made = administrator.post(PROVIDERS, CHU)
    assert made.status_code == 201
    shown = made.json()
    assert shown["discovery_url"] == CHU["discovery_url"] + "/.well-known/openid-configuration"
    assert (shown["has_secret"], "secret" in shown, "s3cret" in made.text) == (True, False, False)
    assert shown["callback"].endswith("/accounts/identity/chu/callback/")
    assert IdentityProvider.objects.get().secret == "s3cret"
    assert administrator.get(PROVIDERS).json()["results"] == [shown]
    assert Event.objects.filter(action="identity.provider_added").exists()


def test_pro_sante_connect_needs_little(administrator: APIClient) -> None:
    """Of its kind, what isn't given is known."""
    made = administrator.post(PROVIDERS, {"kind": "psc", "client_id": "suite"}).json()
    assert (made["name"], made["acr_required"], made["is_strong"]) == ("Pro Santé Connect", ["eidas1"], True)


def test_provider_is_changed(administrator: APIClient) -> None:
    """What isn't given stays, the secret too; out of use it lets nobody in; its faults come with their places."""
    path = f"{PROVIDERS}{administrator.post(PROVIDERS, CHU).json()['id']}/"
    tag = administrator.get(path)["ETag"]
    changed = administrator.patch(path, {"name": "CHU de Brest"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["name"], changed.json()["has_secret"]) == (200, "CHU de Brest", True)
    assert administrator.patch(path, {"name": "X"}, headers={"If-Match": tag}).status_code == 412
    bad = administrator.patch(path, {"scopes": "email"}, headers={"If-Match": "*"})
    assert (bad.status_code, bad.json()["errors"][0]["place"]) == (422, "scopes")
    assert administrator.post(f"{path}disable/").json()["is_enabled"] is False
    assert administrator.post(f"{path}enable/").json()["is_enabled"] is True


def test_provider_is_checked(administrator: APIClient) -> None:
    """What keeps a provider from working is told in words."""
    path = f"{PROVIDERS}{administrator.post(PROVIDERS, CHU | {'discovery_url': 'https://127.0.0.1'}).json()['id']}/"
    told = administrator.post(f"{path}check/").json()
    assert told["works"] is False
    assert told["fault"]


def test_only_who_has_said_who_he_is(api_of: Callable[[str], APIClient], confirm: Callable[[Any], Any]) -> None:
    """An administrator is asked first; nobody else adds anything, however fresh, and finds none."""
    asked = api_of("administrator").post(PROVIDERS, CHU)
    assert asked.json()["type"] == "urn:suite-interhop:problem:reauthenticate"
    assert confirm(api_of("owner")).post(PROVIDERS, CHU).json()["type"] == "urn:suite-interhop:problem:forbidden"
    assert not IdentityProvider.objects.exists()
