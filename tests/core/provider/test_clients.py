"""The pages where services are registered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.test import Client, RequestFactory

from core.access.demo import World
from core.access.people import NotAdministrator
from core.audit.models import Event
from core.errors import Invalid
from core.provider import services
from core.provider.models import Service
from core.provider.services import Wanted, is_good_address
from tests.core.provider.conftest import BACK, Relying, registered

Rely = Callable[..., Relying]
FORM = {
    "name": "Wiki",
    "kind": "confidential",
    "redirect_uris": BACK,
    "scopes": ["openid", "email"],
    "audience": "everybody",
    "refreshes": "on",
}


@pytest.fixture
def fresh(world: World, client_of: Callable[[str], Client]) -> Client:
    """An administrator who has just said who he is."""
    client, administrator = client_of("administrator"), world.user["administrator"]
    request = RequestFactory().get("/")
    request.user, request.session = administrator, client.session
    record_authentication(request, administrator, "password", reauthenticated=True)
    request.session.save()
    return client


def test_service_is_registered_in_the_browser(fresh: Client, client_of: Callable[[str], Client]) -> None:
    """The secret is shown once, works, and is nowhere in the database; it stands in no later page."""
    page = fresh.post("/instance/clients/new/", FORM)
    assert page.status_code == 201
    assert "no-store" in page["Cache-Control"]
    secret = re.search(r'id="secret">([^<]+)<', page.content.decode()).group(1)  # type: ignore[union-attr]
    service = Service.objects.get()
    assert secret not in str(vars(service)) + str(vars(service.client))
    assert secret not in fresh.get(service.get_absolute_url()).content.decode()
    wiki = Relying(service, secret, client_of("owner"))
    wiki.service.client.skip_consent = True
    wiki.service.client.save()
    assert wiki.redeem(wiki.code(scope="openid")).status_code == 200
    assert "Wiki" in fresh.get("/instance/clients/").content.decode()


def test_renewed_secret_replaces_the_old_one(fresh: Client, rely: Rely) -> None:
    """With a new secret the old one opens nothing."""
    wiki = rely()
    page = fresh.post(f"/instance/clients/{wiki.service.pk}/secret/")
    code, old = wiki.code(), wiki.secret
    assert wiki.redeem(code).status_code == 401
    wiki.secret = re.search(r'id="secret">([^<]+)<', page.content.decode()).group(1)  # type: ignore[union-attr]
    assert wiki.secret != old
    assert wiki.redeem(code).status_code == 200


def test_service_is_changed_disabled_and_let_in_again(fresh: Client, rely: Rely) -> None:
    """What is changed counts for the next sign-in; its kind stays as it was."""
    wiki = rely()
    place = f"/instance/clients/{wiki.service.pk}"
    changed = {**FORM, "kind": "public", "redirect_uris": "https://other.example/back"}
    assert fresh.post(f"{place}/change/", changed).status_code == 302
    wiki.service.client.refresh_from_db()
    assert not wiki.service.is_public
    assert wiki.ask().status_code == 400
    fresh.post(f"{place}/change/", FORM)
    fresh.post(f"{place}/disable/")
    assert wiki.ask().status_code == 400
    fresh.post(f"{place}/enable/")
    assert wiki.ask(scope="openid").status_code in (200, 302)
    assert Event.objects.filter(action__startswith="provider.client_").count() == 5


def test_acts_ask_who_it_is(client_of: Callable[[str], Client], world: World) -> None:
    """A session that somebody left open registers nothing and shows no secret."""
    service = registered(world)[0]
    left_open = client_of("administrator")
    for act in ("secret", "disable", "change"):
        answer = left_open.post(f"/instance/clients/{service.pk}/{act}/", FORM)
        assert "reauthenticate" in answer["Location"], act
    assert left_open.post("/instance/clients/new/", FORM)["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert Service.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://wiki.example/back", True),
        ("https://wiki.example:8443/back?x=1", True),
        ("http://localhost:8000/back", True),
        ("http://127.0.0.1/back", True),
        ("http://wiki.example/back", False),
        ("https://*.example/back", False),
        ("https://wiki.example/back#there", False),
        ("https://a@wiki.example/", False),
        ("https:///back", False),
        ("javascript:alert(1)", False),
        ("org.app:/back", False),
        ("https://wiki.example/a b", False),
        ("https://wiki.example/\\evil.example", False),
        ("https://wiki.exämple/", False),
        ("https://wiki.example/" + "a" * 500, False),
        ("https://wiki.example:port/", False),
        ("https://wiki.example/../x", False),
    ],
)
def test_addresses_are_plain(address: str, good: bool) -> None:
    """An address is whole and plain: https, or http on the person's own machine."""
    assert is_good_address(address) is good


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": ["http://wiki.example"]}, "redirect_uris"),
        ({"redirect_uris": [BACK, BACK]}, "redirect_uris"),
        ({"audience": "organisations"}, "organisations"),
        ({"audience": "projects"}, "projects"),
        ({"audience": "nobody"}, "audience"),
        ({"logout_address": "ftp://wiki.example"}, "logout_address"),
        ({"post_logout_uris": ["//evil.example"]}, "post_logout_uris"),
        ({"skip_consent": True, "scopes": ["openid", "api"]}, "skip_consent"),
        ({"skip_consent": True, "scopes": ["api:read"]}, "skip_consent"),
    ],
    ids=str,
)
def test_faults_are_told_at_their_place(world: World, wrong: dict[str, Any], place: str) -> None:
    """What is wrong with a description is told at its field, and nothing is registered."""
    with pytest.raises(Invalid) as refused:
        registered(world, **wrong)
    assert [fault.place for fault in refused.value.faults] == [place]
    assert not Service.objects.exists()


def test_only_administrators_register(world: World) -> None:
    """No other person, and no administrator by a token, registers a service."""
    for who in ("owner", "stranger"):
        with pytest.raises(NotAdministrator):
            services.register(world.user[who], Wanted(name="Wiki", redirect_uris=[BACK]))
