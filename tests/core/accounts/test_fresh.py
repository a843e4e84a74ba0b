"""Asking again who it is: what was asked for goes on afterwards, as a page or as a fragment."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from core.access.demo import World
from core.accounts.fresh import fresh, require_fresh
from core.accounts.models import User
from core.config.urls import urlpatterns as suite
from core.errors import NotFresh
from core.web.views import page

PASSWORD = "une longue phrase, facile à retenir"


@fresh
@page
def act(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.method} {request.POST.get('name', '')} {request.GET.get('way', '')}".strip())


handler400 = "core.web.errors.bad_request"
handler404 = "core.web.errors.not_found"
urlpatterns = [path("act/", act, name="act"), *suite]


@pytest.fixture
def client(world: World, settings: Any) -> Client:
    """A member with a password, signed in a while ago."""
    settings.ROOT_URLCONF = __name__
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = world.user["member"]
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.force_login(user)
    return client


def confirm(client: Client, address: str) -> HttpResponse:
    return client.post(address, {"password": PASSWORD, "next": address.partition("next=")[2].replace("%2F", "/")})


def test_what_was_posted_goes_on(client: Client) -> None:
    """After the password the act is done with what was typed, also where its address has a query."""
    asked = client.post("/act/?way=fast", {"name": "Nolwenn"})
    assert asked["Location"] == f"{reverse('account_reauthenticate')}?next=%2Fact%2F"
    assert confirm(client, asked["Location"]).text == "POST Nolwenn fast"
    assert client.get("/act/").text == "GET"


def test_a_secret_does_not_wait_in_the_session(client: Client) -> None:
    """What has a password in it is not kept; one is told to type it again."""
    asked = client.post("/act/", {"new_password": "s3cret", "name": "x"})
    assert "s3cret" not in str(dict(client.session))
    assert confirm(client, asked["Location"])["Location"] == "/act/"


def test_a_fragment_is_not_given_a_page(client: Client) -> None:
    """htmx hears that its page should ask, and nothing is swapped; after that the same request is done."""
    asked = client.post("/act/", {"name": "x"}, headers={"hx-request": "true"})
    assert (asked.status_code, asked["X-Session"], asked["HX-Reswap"], asked.content) == (401, "confirm", "none", b"")
    assert confirm(client, f"{reverse('account_reauthenticate')}?next=/session/")["Location"] == "/session/"
    assert client.post("/act/", {"name": "x"}, headers={"hx-request": "true"}).text == "POST x"


def test_allauths_own_pages_do_the_same(client: Client) -> None:
    """A fragment that leads to one of allauth's sensitive pages is answered likewise."""
    asked = client.get(reverse("mfa_activate_totp"), headers={"hx-request": "true"})
    assert (asked.status_code, asked["X-Session"]) == (401, "confirm")


def test_a_while_is_a_setting(client: Client, settings: Any) -> None:
    """Who said it longer ago than the operator allows is asked again; who has just signed in is not."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["at"] = time.time() - 120
    session.save()
    assert client.get("/act/").status_code == 200
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 60
    assert client.get("/act/").status_code == 302


def test_who_has_nothing_to_say_is_not_let_pass(client: Client, world: World) -> None:
    """Without password and factor one signs in again: an open session alone never does it."""
    user = world.user["member"]
    user.authenticator_set.all().delete()
    user.memberships.all().update(starts_at="1999-01-01T00:00Z", ends_at="2000-01-01T00:00Z")
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    assert client.get("/act/")["Location"].startswith(reverse("account_logout"))
    assert client.get(reverse("mfa_add_webauthn")).status_code == 302


@pytest.mark.parametrize("name", ["mfa_reauthenticate", "account_reauthenticate"])
def test_the_page_offers_what_one_has(client: Client, name: str) -> None:
    """Password and code, each with a way to the other; nothing that this person doesn't have."""
    answer = client.get(reverse(name))
    shown = [way["id"] for way in answer.context["reauthentication_alternatives"]]
    assert shown == (["mfa_reauthenticate"] if name == "account_reauthenticate" else ["reauthenticate"])


def test_over_rest_it_is_a_problem() -> None:
    """A call of somebody who has not said who he is raises what is answered 403 «reauthenticate»."""
    request = HttpRequest()
    request.user = AnonymousUser()
    with pytest.raises(NotFresh):
        require_fresh(request, User())
