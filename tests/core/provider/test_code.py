"""Signing in to a service with a code: the code flow of OpenID Connect, and what is refused in it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from core.access.demo import World
from core.audit.models import Event
from core.provider import services
from core.provider.models import Connection
from tests.core.provider.conftest import BACK, Relying, registered, told, userinfo

Rely = Callable[..., Relying]


def claims_of(id_token: str, audience: str) -> dict[str, Any]:
    """The claims of an id_token, verified by our published keys alone."""
    published = Client().get("/oauth/keys").json()
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(id_token)["kid"]]
    found: dict[str, Any] = jwt.decode(
        id_token, key.key, algorithms=["RS256"], audience=audience, issuer=settings.PUBLIC_URL
    )
    return found


def test_code_becomes_tokens(rely: Rely, world: World) -> None:
    """A person comes back with a code, which the service turns into an id_token about him and an access token."""
    wiki = rely()
    back = told(wiki.ask())
    assert back["state"] == "some-state"
    assert back["iss"] == settings.PUBLIC_URL
    tokens = wiki.redeem(back["code"]).json()
    claims = claims_of(tokens["id_token"], wiki.service.client_id)
    owner = world.user["owner"]
    assert claims["sub"] == owner.pk.hex
    assert claims["nonce"] == "some-nonce"
    assert claims["email"] == owner.email
    assert claims["name"] == owner.full_name
    assert {"auth_time", "acr", "amr", "sid", "jti"} - {"jti"} <= claims.keys()
    assert userinfo(tokens["access_token"]).json()["email"] == owner.email
    assert Event.objects.filter(action="provider.signed_in", actor_id=owner.pk).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_challenge": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge": "short"},
        {"response_type": "token"},
        {"response_type": "code id_token"},
        {"scope": "openid projects"},
        {"response_mode": "fragment"},
        {"request": "eyJhbGciOiJub25lIn0.e30."},
        {"resource": "https://elsewhere.example/"},
        {"nonce": "n" * 501},
        {"max_age": "soon"},
    ],
    ids=str,
)
def test_wrong_request_goes_back_as_an_error(rely: Rely, wrong: dict[str, str | None]) -> None:
    """Without PKCE by S256, or asking for what it isn't registered for, a service gets an error and no code."""
    back = told(rely().ask(**wrong))
    assert "error" in back
    assert "code" not in back
    assert back["state"] == "some-state"


@pytest.mark.parametrize(
    "address",
    [
        BACK + "/",
        BACK + "?next=1",
        BACK + "#here",
        "https://wiki.example.evil.example/back",
        "https://WIKI.example/back",
        "http://wiki.example/back",
        "https://wiki.example:443/back",
        "https://wiki.example/back/../other",
        "https://user@wiki.example/back",
        "//wiki.example/back",
        "javascript:alert(1)",
        None,
    ],
    ids=str,
)
def test_nobody_is_sent_to_another_address(rely: Rely, address: str | None) -> None:
    """A redirect address that isn't registered to the letter is answered with a page, and sends nobody anywhere."""
    answer = rely().ask(redirect_uri=address)
    assert answer.status_code == 400
    assert "Location" not in answer


def test_code_is_used_once(rely: Rely) -> None:
    """A code that comes twice opens nothing, and ends what it had opened the first time."""
    wiki = rely()
    code = wiki.code()
    tokens = wiki.redeem(code).json()
    assert userinfo(tokens["access_token"]).status_code == 200
    assert wiki.redeem(code).json()["error"] == "invalid_grant"
    assert userinfo(tokens["access_token"]).status_code == 401
    assert wiki.refresh(tokens["refresh_token"]).status_code == 400
    assert Event.objects.filter(action="provider.code_replayed").exists()


def test_code_with_a_wrong_verifier_is_used_up(rely: Rely) -> None:
    """Who has caught a code and guesses at its verifier has one try, and spoils it for everybody."""
    wiki = rely()
    code = wiki.code()
    assert wiki.redeem(code, code_verifier="x" * 64).status_code == 400
    assert wiki.redeem(code).status_code == 400


def test_code_of_another_service_is_refused(rely: Rely, world: World, client_of: Callable[[str], Client]) -> None:
    """A code can't be redeemed by another service, not even one that knows its verifier."""
    wiki = rely()
    code = wiki.code()
    other, secret = registered(world, name="Other")
    assert Relying(other, secret, client_of("owner"), wiki.verifier).redeem(code).status_code == 400
    assert wiki.redeem(code).status_code == 400


def test_code_expires(rely: Rely) -> None:
    """A code is good for a minute."""
    wiki = rely()
    code = wiki.code()
    Connection.objects.update(code_expires_at=timezone.now() - timedelta(seconds=1))
    assert wiki.redeem(code).status_code == 400


def test_redirect_address_is_told_again(rely: Rely) -> None:
    """Whoever redeems a code says where it was sent."""
    wiki = rely()
    assert wiki.redeem(wiki.code(), redirect_uri="https://wiki.example/other").status_code == 400


def test_server_proves_itself(rely: Rely) -> None:
    """A confidential service without its secret, or with another, gets nothing; nor does it by two ways at once."""
    wiki = rely()
    basic = base64.b64encode(f"{wiki.service.client_id}:wrong".encode()).decode()
    data = {"grant_type": "authorization_code", "code": wiki.code(), "redirect_uri": BACK}
    assert wiki.post("/oauth/token", data, HTTP_AUTHORIZATION=f"Basic {basic}").status_code == 401
    alone = {**data, "client_id": wiki.service.client_id}
    assert Client().post("/oauth/token", alone).status_code == 401
    assert Client().post("/oauth/token", alone | {"client_secret": ""}).status_code == 401
    both = wiki.post("/oauth/token", {**data, "client_secret": wiki.secret})
    assert both.status_code == 401


def test_public_service_needs_no_secret_but_its_verifier(rely: Rely) -> None:
    """A program on a person's machine redeems its code by the verifier alone."""
    program = rely(public=True)
    assert program.secret == ""
    assert "id_token" in program.tokens()
    code = program.code()
    assert program.redeem(code, code_verifier="").status_code == 400


def test_refresh_tokens_rotate(rely: Rely) -> None:
    """A refresh token is used once and gives another; one that is used twice ends the whole sign-in."""
    wiki = rely()
    first = wiki.tokens()
    second = wiki.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert userinfo(second["access_token"]).status_code == 200
    assert wiki.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert userinfo(second["access_token"]).status_code == 401
    assert wiki.refresh(second["refresh_token"]).status_code == 400
    assert Event.objects.filter(action="provider.token_replayed").exists()


def test_refresh_can_narrow_and_never_widen(rely: Rely) -> None:
    """A refreshed token may be for less, and is never for more than the person has allowed."""
    wiki = rely(scopes=["openid", "profile", "email", "projects"])
    tokens = wiki.tokens(scope="openid email")
    less = wiki.refresh(tokens["refresh_token"], scope="openid").json()
    assert less["scope"] == "openid"
    assert "email" not in userinfo(less["access_token"]).json()
    assert wiki.refresh(less["refresh_token"], scope="openid projects").json()["error"] == "invalid_scope"


def test_service_without_refresh_gets_no_refresh_token(rely: Rely) -> None:
    """Where it may not stay connected without the person, there is no refresh token."""
    assert "refresh_token" not in rely(refreshes=False).tokens()


def test_service_revokes_its_own_tokens_only(rely: Rely, world: World, client_of: Callable[[str], Client]) -> None:
    """A service gives up a token of its own; another's stays as it was."""
    wiki = rely()
    tokens = wiki.tokens()
    other, secret = registered(world, name="Other")
    stranger = Relying(other, secret, client_of("owner"))
    assert stranger.post("/oauth/revoke", {"token": tokens["access_token"]}).status_code == 200
    assert userinfo(tokens["access_token"]).status_code == 200
    assert wiki.post("/oauth/revoke", {"token": tokens["refresh_token"]}).status_code == 200
    assert userinfo(tokens["access_token"]).status_code == 401


def test_id_token_opens_nothing(rely: Rely) -> None:
    """An id_token is not an access token, nor is one that says it has no signature or is signed with a public key."""
    tokens = rely().tokens()
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    body = tokens["id_token"].split(".")[1]
    for text in (tokens["id_token"], f"{head}.{body}.", "x" * 100_000, "", "\x00"):
        assert userinfo(text).status_code in (400, 401)


def test_disabled_service_is_out_at_once(rely: Rely, world: World) -> None:
    """Once it is disabled, its tokens open nothing and nobody is sent to it."""
    wiki = rely()
    tokens = wiki.tokens()
    services.disable(world.user["administrator"], wiki.service)
    assert userinfo(tokens["access_token"]).status_code == 401
    assert wiki.refresh(tokens["refresh_token"]).status_code == 401
    assert wiki.ask().status_code == 400


def test_stranger_signs_in_first(rely: Rely) -> None:
    """Who hasn't signed in does so first, and goes on from a page of ours, which a form may lead to."""
    wiki = rely("anonymous")
    answer = wiki.ask()
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=%2Foauth%2Fonward%3F")
    assert told(wiki.ask(prompt="none"))["error"] == "login_required"


def test_old_sign_in_is_renewed(rely: Rely, world: World) -> None:
    """A service that asks for a fresh sign-in gets one: the person says again who he is."""
    wiki = rely()
    for asked in ({"prompt": "login"}, {"max_age": "60"}):
        type(world.user["owner"]).objects.update(last_login=timezone.now() - timedelta(hours=1))
        answer = wiki.ask(**asked)
        assert answer.status_code == 302
        assert "/accounts/reauthenticate/" in answer["Location"]
        assert "prompt" not in answer["Location"]
        assert "max_age" not in answer["Location"]
