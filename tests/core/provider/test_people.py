"""Who may sign in to a service, what he allows, what it is told, and when that ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from django.utils import timezone

from core.access import services as access_services
from core.access.demo import World
from core.access.models import Membership
from core.access.people import close_account
from core.accounts import sessions
from core.accounts.models import User
from core.accounts.strength import PROVIDER
from core.audit.models import Event
from core.provider import connections, listeners, services
from core.provider.models import Connection, Consent, Service
from core.provider.web.forms import ServiceForm, as_described
from tests.core.provider.conftest import Relying, told, userinfo
from tests.core.provider.test_code import claims_of

Rely = Callable[..., Relying]


def answer_of(wiki: Relying, page: Any, answer: str) -> Any:
    return wiki.browser.post("/oauth/consent", {"asked": page.context["asked"], "answer": answer})


def test_person_is_asked_once(rely: Rely, world: World) -> None:
    """A person reads who asks for what, allows it once, and is asked again only when the service asks for more."""
    wiki = rely(skip_consent=False, scopes=["openid", "profile", "email", "projects"])
    page = wiki.ask()
    assert page.status_code == 200
    assert b"wiki.example" in page.content
    assert "form-action 'self' https://wiki.example" in page["Content-Security-Policy"]
    assert wiki.redeem(told(answer_of(wiki, page, "allow"))["code"]).status_code == 200
    assert "code" in told(wiki.ask(prompt="none"))
    assert wiki.ask(scope="openid projects").status_code == 200
    assert told(wiki.ask(scope="openid projects", prompt="none"))["error"] == "consent_required"
    assert wiki.ask(prompt="consent").status_code == 200


@pytest.mark.parametrize("scope", ["api", "api:read"])
def test_nobody_opens_data_unasked(rely: Rely, scope: str) -> None:
    """A service that opens data in the person's name asks him, even where its row says that it needn't."""
    wiki = rely(scopes=["openid", scope])
    wiki.service.client.skip_consent = True
    wiki.service.client.save()
    assert wiki.ask(scope=f"openid {scope}").status_code == 200
    assert told(wiki.ask(scope=f"openid {scope}", prompt="none"))["error"] == "consent_required"
    assert "code" in told(wiki.ask(scope="openid"))


def test_data_goes_to_no_other_address_unasked(rely: Rely, world: World) -> None:
    """Who allowed a service to open data is asked again once it has another address; a narrower one asks nobody."""
    wiki = rely(scopes=["openid", "api"])
    wiki.code(scope="openid api")
    wanted = services.described(wiki.service)
    services.change(world.user["administrator"], wiki.service, replace(wanted, description="Notes"))
    assert "code" in told(wiki.ask(scope="openid api"))
    more = [*wanted.redirect_uris, "https://other.example/back"]
    services.change(world.user["administrator"], wiki.service, replace(wanted, redirect_uris=more))
    assert wiki.ask(scope="openid api", redirect_uri="https://other.example/back").status_code == 200


def test_person_refuses(rely: Rely) -> None:
    """Who refuses goes back to the service without a code, and nothing is remembered."""
    wiki = rely(skip_consent=False)
    back = told(answer_of(wiki, wiki.ask(), "refuse"))
    assert back["error"] == "access_denied"
    assert back["state"] == "some-state"
    assert not Consent.objects.exists()
    assert not Connection.objects.exists()


def test_answer_is_for_who_was_asked(rely: Rely, client_of: Callable[[str], Client]) -> None:
    """What one person was asked can't be allowed by another's browser, nor be changed on the way."""
    wiki = rely(skip_consent=False)
    asked = wiki.ask().context["asked"]
    other = client_of("member")
    assert other.post("/oauth/consent", {"asked": asked, "answer": "allow"}).status_code == 400
    assert wiki.browser.post("/oauth/consent", {"asked": asked + "x", "answer": "allow"}).status_code == 400
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("audience", "let_in"),
    [
        ({"audience": "everybody"}, ["owner", "stranger"]),
        ({"audience": "projects", "projects": "project"}, ["owner", "administrator"]),
        ({"audience": "projects", "projects": "elsewhere"}, ["stranger"]),
        ({"audience": "organisations", "organisations": "organisation"}, ["owner", "administrator"]),
    ],
    ids=str,
)
def test_service_is_open_to_some(
    rely: Rely, world: World, client_of: Callable[[str], Client], audience: dict[str, str], let_in: list[str]
) -> None:
    """Who isn't a member of what a service is open to reads that, and the refusal is in the journal."""
    places = {name: [getattr(world, place)] for name, place in audience.items() if name != "audience"}
    wiki = rely(**({"audience": audience["audience"]} | places))
    for who in ("owner", "stranger", "administrator"):
        wiki.browser = client_of(who)
        status = wiki.ask().status_code
        assert status == (302 if who in let_in else 403 if audience["audience"] != "everybody" else 302), who
    assert Event.objects.filter(action="provider.sign_in_refused").exists() is (audience["audience"] != "everybody")


def test_claims_follow_the_scopes(rely: Rely, world: World) -> None:
    """A service is told what was allowed and no more; of a person's places only those it is open to."""
    scopes = ["openid", "groups", "organisations", "projects"]
    elsewhere = Membership.objects.create(user=world.user["owner"], project=world.elsewhere)
    elsewhere.roles.set(Membership.objects.get(user=world.user["stranger"]).roles.all())
    everything = userinfo(rely(scopes=scopes).tokens(scope=" ".join(scopes))["access_token"]).json()
    assert {place["slug"] for place in everything["projects"]} == {"etude-sepsis", "registre-avc"}
    assert "project:etude-sepsis:manager" in everything["groups"]
    assert "email" not in everything
    wiki = rely(scopes=scopes, audience=Service.Audience.PROJECTS, projects=[world.project], name="Own")
    some = userinfo(wiki.tokens(scope=" ".join(scopes))["access_token"]).json()
    assert some["projects"] == [{"slug": "etude-sepsis", "roles": ["controller", "manager"]}]
    assert not [group for group in some["groups"] if "registre-avc" in group]


def test_service_is_told_how_a_person_signed_in(rely: Rely, world: World) -> None:
    """Password and second factor show as two factors; the password alone as one."""
    wiki = rely()
    request = RequestFactory().get("/")
    request.user, request.session = world.user["owner"], SessionStore(wiki.browser.session.session_key)
    record_authentication(request, world.user["owner"], "password")
    request.session.save()
    alone = claims_of(wiki.tokens()["id_token"], wiki.service.client_id)
    assert (alone["acr"], alone["amr"]) == ("1", ["pwd"])
    record_authentication(request, world.user["owner"], "mfa", type="totp")
    request.session.save()
    both = claims_of(wiki.tokens()["id_token"], wiki.service.client_id)
    assert (both["acr"], both["amr"]) == ("2", ["mfa", "otp", "pwd"])


@pytest.mark.parametrize(
    ("method", "more", "acr", "amr"),
    [
        (PROVIDER, {"provider": "psc", "strong": True}, "2", ["fed", "mfa"]),
        (PROVIDER, {"provider": "chu"}, "1", ["fed"]),
        ("mfa", {"type": "webauthn", "passwordless": True}, "2", ["hwk", "mfa"]),
        ("mfa", {"type": "webauthn", "reauthenticated": True}, "1", ["hwk"]),
    ],
    ids=["strong provider", "provider", "passkey alone", "security key"],
)
def test_service_is_told_what_counts_as_two_factors(
    rely: Rely, world: World, method: str, more: dict[str, Any], acr: str, amr: list[str]
) -> None:
    """A provider that counts as strong, and a passkey that verifies its person, are two factors here and there."""
    wiki = rely()
    request = RequestFactory().get("/")
    request.user, request.session = world.user["owner"], SessionStore(wiki.browser.session.session_key)
    record_authentication(request, world.user["owner"], method, **more)
    request.session.save()
    told = claims_of(wiki.tokens()["id_token"], wiki.service.client_id)
    assert (told["acr"], told["amr"]) == (acr, amr)


ENDS: dict[str, Callable[[World], Any]] = {
    "the account is closed": lambda world: close_account(world.user["administrator"], world.user["member"]),
    "all sessions are ended": lambda world: sessions.end_all(world.user["member"]),
    "the membership is ended": lambda world: access_services.end_membership(
        world.user["owner"], Membership.objects.get(user=world.user["member"])
    ),
    "the membership runs out": lambda world: Membership.objects.filter(user=world.user["member"]).update(
        ends_at=timezone.now()
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_tokens_end_at_once(rely: Rely, world: World, end: str) -> None:
    """With the account, the sessions or the membership end the tokens that a service has of a person."""
    wiki = rely("member", audience=Service.Audience.PROJECTS, projects=[world.project])
    tokens = wiki.tokens()
    assert userinfo(tokens["access_token"]).status_code == 200
    ENDS[end](world)
    assert userinfo(tokens["access_token"]).status_code == 401
    assert wiki.refresh(tokens["refresh_token"]).status_code == 400


def test_code_ends_with_the_account(rely: Rely, world: World) -> None:
    """A code that was given before the account was closed becomes nothing."""
    wiki = rely("member")
    code = wiki.code()
    close_account(world.user["administrator"], world.user["member"])
    assert wiki.redeem(code).status_code == 400


def test_signing_out_ends_what_the_browser_opened(rely: Rely, world: World, client_of: Callable[[str], Client]) -> None:
    """Who signs out of the portal ends the services of that browser, and none of another one."""
    wiki = rely()
    here = wiki.tokens()
    first, wiki.browser = wiki.browser, client_of("owner")
    there = wiki.tokens()
    first.post("/accounts/logout/")
    assert userinfo(here["access_token"]).status_code == 401
    assert userinfo(there["access_token"]).status_code == 200
    UserSession.objects.get(session_key=wiki.browser.session.session_key).end()
    assert userinfo(there["access_token"]).status_code == 401


def test_person_sees_and_disconnects_his_services(rely: Rely, world: World, client_of: Callable[[str], Client]) -> None:
    """A person reads which services he uses and what they are told; disconnected, one has nothing and must ask anew."""
    wiki = rely(skip_consent=False, description="Pages that we write together")
    tokens = wiki.redeem(told(answer_of(wiki, wiki.ask(), "allow"))["code"]).json()
    page = wiki.browser.get("/accounts/services/").content.decode()
    assert "Wiki" in page
    assert "Pages that we write together" in page
    address = f"/accounts/services/{wiki.service.client_id}/revoke/"
    assert client_of("member").post(address).status_code == 404
    assert wiki.browser.post(address).status_code == 302
    assert userinfo(tokens["access_token"]).status_code == 401
    assert wiki.ask().status_code == 200
    assert "Wiki" not in wiki.browser.get("/accounts/services/").content.decode()


def test_narrowed_service_loses_what_it_had(rely: Rely, world: World) -> None:
    """A service that may ask for less than before keeps no token that tells more."""
    wiki = rely()
    tokens = wiki.tokens()
    form = ServiceForm(
        {**as_described(wiki.service), "scopes": ["openid"], "redirect_uris": "https://wiki.example/back"}
    )
    assert form.is_valid(), form.errors
    services.change(world.user["administrator"], wiki.service, form.wanted())
    assert userinfo(tokens["access_token"]).status_code == 401


def test_upkeep_forgets(rely: Rely) -> None:
    """What nobody can use any more is deleted; what is in use stays."""
    wiki = rely()
    tokens = wiki.tokens()
    listeners.sweep()
    listeners.forget()
    assert userinfo(tokens["access_token"]).status_code == 200
    User.objects.update(session_epoch=7)
    listeners.sweep()
    assert Connection.objects.filter(ended_at__isnull=False).count() == 1
    Connection.objects.update(ended_at=timezone.now() - connections.REFRESH_LASTS - timedelta(days=1))
    listeners.forget()
    assert not Connection.objects.exists()
