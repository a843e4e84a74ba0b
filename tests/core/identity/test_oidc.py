"""Signing in through an identity provider: who is linked comes in, whoever lies doesn't."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from core.access.demo import World
from core.accounts.models import User
from core.audit.models import Event
from core.identity import flow, health, providers
from core.identity.engine import tokens
from core.identity.engine.tokens import LOGOUT, Untrusted, verify_identity, verify_logout
from core.identity.models import IdentityProvider, LinkedIdentity
from tests.core.identity.browser import begin, come_back, go
from tests.core.identity.peer import Peer

Change = Callable[[Peer], Any]


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_a_linked_identity_signs_in(linked: User, peer: Peer, provider: IdentityProvider) -> None:
    """Linked once by herself, it opens her account; the code was bound to this browser (PKCE)."""
    client = Client()
    url = begin(client, next="/directory/")
    assert urlsplit(url).path.endswith("/auth")
    assert "code_challenge_method=S256" in url
    assert come_back(client, peer.sign_in(url))["Location"] == "/directory/"
    assert who(client) == str(linked.pk)
    told = set(Event.objects.filter(actor_id=linked.pk).values_list("action", flat=True))
    assert {"identity.linked", "accounts.signed_in"} <= told


def test_an_address_alone_opens_nothing(provider: IdentityProvider, peer: Peer, person: User) -> None:
    """Whoever has the same e-mail address there is told what to do, and gets into no account."""
    peer.claims |= {"email": person.email, "email_verified": True}
    client = Client()
    answer = go(client, peer)
    assert (answer.status_code, who(client)) == (403, None)
    assert reverse("account_login") in answer.text
    IdentityProvider.objects.update(creates_accounts=True)
    assert go(client, peer).status_code == 403
    assert not LinkedIdentity.objects.exists()


def test_a_closed_account_stays_closed(linked: User, peer: Peer) -> None:
    """No provider lets in somebody whose account was closed here."""
    User.objects.filter(pk=linked.pk).update(is_active=False)
    client = Client()
    assert go(client, peer)["Location"] == reverse("account_inactive")
    assert who(client) is None
    assert Event.objects.filter(action="identity.sign_in_refused", object_id=str(linked.pk)).exists()


def test_a_provider_out_of_use_lets_nobody_in(
    linked: User, peer: Peer, provider: IdentityProvider, world: World
) -> None:
    """Also who was on the way to it comes back in vain."""
    client = Client()
    given = peer.sign_in(begin(client))
    providers.enable(world.user["administrator"], provider, enabled=False)
    assert come_back(client, given).status_code == 404
    assert client.post(reverse("identity:begin", args=["chu", "sign_in"])).status_code == 404
    assert who(client) is None


@pytest.mark.parametrize(("strong", "lands"), [(True, "desk:start"), (False, "mfa_authenticate")])
def test_a_second_factor_is_asked_for_unless_the_provider_counts(
    linked: User, peer: Peer, strong: bool, lands: str
) -> None:
    """A provider that counts as strong spares the second factor here, also where an organisation asks for one."""
    from tests.core.accounts.test_sign_in import secret_of

    secret_of(linked)
    IdentityProvider.objects.update(is_strong=strong)
    client = Client()
    assert go(client, peer)["Location"] == reverse(lands)
    assert (client.get(reverse("portal:home")).status_code == 200) == strong


LIES: dict[str, Change] = {
    "foreign issuer": lambda peer: peer.lies.update(iss="https://elsewhere.example"),
    "foreign audience": lambda peer: peer.lies.update(aud="another-client"),
    "several audiences without azp": lambda peer: peer.lies.update(aud=["suite", "another"]),
    "foreign azp": lambda peer: peer.lies.update(azp="another-client"),
    "expired": lambda peer: peer.lies.update(exp=int(time.time()) - 3600),
    "from the future": lambda peer: peer.lies.update(iat=int(time.time()) + 3600),
    "replayed nonce": lambda peer: peer.lies.update(nonce="of-another-sign-in"),
    "no nonce": lambda peer: peer.lies.update(nonce=None),
    "nobody": lambda peer: peer.lies.update(sub=""),
    "a number": lambda peer: peer.lies.update(sub=7),
    "userinfo of another": lambda peer: peer.userinfo.update(sub="another"),
    "no signature": lambda peer: setattr(peer, "token", lambda made: jwt.encode(made, None, "none")),
    "public key as secret": lambda peer: setattr(peer, "token", lambda made: hs256(peer, made)),
    "another key": lambda peer: setattr(
        peer, "token", lambda made: jwt.encode(made, rsa.generate_private_key(65537, 2048), "RS256", {"kid": "one"})
    ),
    "unknown key": lambda peer: setattr(
        peer, "token", lambda made: jwt.encode(made, peer.key, "RS256", {"kid": "two"})
    ),
    "own key in the header": lambda peer: setattr(
        peer, "token", lambda made: jwt.encode(made, peer.key, "RS256", {"kid": "one", "crit": ["jwk"]})
    ),
    "no token": lambda peer: setattr(peer, "token", lambda made: "nothing"),
}


def hs256(peer: Peer, made: dict[str, Any]) -> str:
    """What a library makes of it that takes the published key for a shared secret."""
    import base64
    import hashlib
    import hmac
    import json

    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    signed = part(json.dumps({"alg": "HS256", "kid": "one"}).encode()) + b"." + part(json.dumps(made).encode())
    return (signed + b"." + part(hmac.new(peer.public, signed, hashlib.sha256).digest())).decode()


def test_who_lies_is_not_let_in(linked: User, peer: Peer) -> None:
    """Each forged or foreign answer ends on a page that says so; nobody is signed in, and the journal has it."""
    honest = dict(peer.__dict__)
    for name, lie in LIES.items():
        cache.clear()
        peer.__dict__.clear()
        peer.__dict__.update(honest | {"lies": {}, "userinfo": {}, "codes": {}})
        lie(peer)
        client = Client()
        answer = go(client, peer)
        assert (answer.status_code, who(client)) == (403, None), name
    assert Event.objects.filter(action="identity.sign_in_refused").count() == len(LIES)


def test_an_answer_belongs_to_one_question(linked: User, peer: Peer, world: World) -> None:
    """A foreign, repeated or late answer, one for another provider or of another one, is not taken."""
    client, other = Client(), Client()
    given = peer.sign_in(begin(client))
    assert come_back(other, given).status_code == 403
    assert come_back(client, given | {"state": "x"}).status_code == 403
    assert come_back(client, given | {"iss": "https://evil.example"}).status_code == 403
    assert come_back(client, given).status_code == 403  # the question is spent
    values = {"name": "Autre", "kind": "oidc", "discovery_url": f"{peer.issuer}/.well-known/openid-configuration"}
    providers.save(world.user["administrator"], None, {**values, "client_id": "suite"})
    assert come_back(client, peer.sign_in(begin(client)), "autre").status_code == 403
    given = peer.sign_in(begin(client))
    session = client.session
    for question in session["identity_questions"].values():
        question["at"] -= 3600
    session.save()
    assert come_back(client, given).status_code == 403
    assert come_back(client, {"error": "access_denied", "state": "x"}).status_code == 403
    assert (who(client), who(other)) == (None, None)


def test_a_code_is_worth_nothing_elsewhere(linked: User, peer: Peer) -> None:
    """A stolen code can't be spent from another browser: that one has another verifier."""
    thief, victim = Client(), Client()
    stolen = peer.sign_in(begin(victim))
    own = peer.sign_in(begin(thief))
    assert come_back(thief, own | {"code": stolen["code"]}).status_code == 403
    assert who(thief) is None


def test_confirming_at_the_provider(linked: User, peer: Peer) -> None:
    """Who has nothing here but his identity says there who he is again: as the same person, and just now."""
    linked.set_unusable_password()
    linked.save()
    client = Client()
    go(client, peer)
    session = client.session
    session["account_authentication_methods"][-1]["at"] -= 86400
    session.save()
    asked = client.get(reverse("mfa_add_webauthn"))
    assert asked["Location"].startswith(reverse("identity:confirm"))
    peer.lies = {"auth_time": int(time.time()) - 3600}
    assert go(client, peer, "confirm", next="/accounts/2fa/").status_code == 403
    peer.lies = {}
    peer.claims["sub"] = "another"
    assert go(client, peer, "confirm", next="/accounts/2fa/").status_code == 403
    peer.claims["sub"] = "f81d4fae"
    assert go(client, peer, "confirm", next="/accounts/2fa/")["Location"] == "/accounts/2fa/"
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200


def test_signing_in_again_is_no_confirmation(linked: User, client: Client, peer: Peer) -> None:
    """A session that somebody left open isn't made fresh by a sign-in that the provider grants without asking."""
    session = client.session
    session["account_authentication_methods"][-1]["at"] -= 86400
    session.save()
    assert go(client, peer, next="/directory/")["Location"] == "/directory/"
    assert who(client) == str(linked.pk)
    assert reverse("account_reauthenticate") in client.get(reverse("mfa_add_webauthn"))["Location"]


def test_a_sign_in_is_as_old_as_the_provider_says(linked: User, peer: Peer) -> None:
    """Who said there this morning who he is hasn't just said it here; a time to come counts as now."""
    peer.lies = {"auth_time": int(time.time()) - 3600}
    client = Client()
    go(client, peer)
    assert time.time() - client.session["account_authentication_methods"][-1]["at"] > 3500
    peer.lies = {"auth_time": int(time.time()) + 3600}
    client = Client()
    go(client, peer)
    assert client.session["account_authentication_methods"][-1]["at"] <= time.time()


def test_a_fault_is_said_in_the_language_of_who_reads_it(linked: User, peer: Peer) -> None:
    """The visitor was told in French what happened to him; the health page tells an administrator in English."""
    peer.lies = {"nonce": "of-another-sign-in"}
    with translation.override("fr"):
        go(Client(), peer)
        assert "cela répond à une autre question" in str(health.providers().message)
    with translation.override("en"):
        assert "it answers another question" in str(health.providers().message)
    cache.clear()
    peer.answer = lambda *_asked: (500, {})  # type: ignore[method-assign]
    Client().post(reverse("identity:begin", args=["chu", "sign_in"]), headers={"accept-language": "fr"})
    with translation.override("en"):
        assert "doesn’t answer as it should" in str(health.providers().message)


def test_every_doubt_has_words() -> None:
    """Whatever makes an answer to a sign-in untrusted is said in the reader's language."""
    code = "".join(inspect.getsource(module) for module in (tokens, flow))
    found = set(re.findall(r'(?:Untrusted|UnknownKey)\("([^"]+)"\)', code))
    assert found - {"it is old", "it is no logout token about a person"} == set(health.UNTRUSTED)
    assert health.of_untrusted("ExpiredSignatureError") == health.OTHERWISE


def test_a_logout_token_is_no_id_token(peer: Peer) -> None:
    """And the reverse: each is taken for what it is."""
    expected = {"issuer": peer.issuer, "client_id": peer.client_id}
    logout = {"events": {LOGOUT: {}}, "jti": "1"}
    made = {**peer.payload("n"), **logout}
    with pytest.raises(Untrusted):
        verify_logout(peer.token(made), peer.jwks(), **expected)
    del made["nonce"]
    assert verify_logout(peer.token(made), peer.jwks(), **expected)["sub"] == "f81d4fae"
    with pytest.raises(Untrusted):
        verify_identity(peer.token(made), peer.jwks(), nonce="", **expected | {"client_id": "x"})


def test_new_keys_are_read_once(linked: User, peer: Peer) -> None:
    """A provider that has changed its keys is understood at once; forged names of keys don't make us ask again."""
    cache.clear()
    go(Client(), peer)
    peer.token = lambda made: jwt.encode(made, peer.key, "RS256", {"kid": "new"})  # type: ignore[method-assign]
    keys = peer.jwks()
    keys["keys"][0]["kid"] = "new"
    peer.jwks = lambda: keys  # type: ignore[method-assign]
    client = Client()
    go(client, peer)
    assert who(client) == str(linked.pk)
    before = len(peer.asked)
    peer.token = lambda made: jwt.encode(made, peer.key, "RS256", {"kid": "forged"})  # type: ignore[method-assign]
    for _time in range(2):
        assert go(Client(), peer).status_code == 403
    assert sum("certs" in path for path in peer.asked[before:]) == 0


def test_signing_out_there_ends_the_sessions_here(linked: User, peer: Peer) -> None:
    """The provider says so by a token of its own, which works once; an id_token or a foreign one does nothing."""
    browser, address = Client(), reverse("identity:logout", args=["chu"])
    go(browser, peer)
    made = {**peer.payload("n"), "events": {LOGOUT: {}}, "jti": "1"}
    asker = Client(enforce_csrf_checks=True)
    for token in ("", "x", peer.token(made), peer.token({**made, "nonce": None, "iss": "https://x"})):
        assert asker.post(address, {"logout_token": token}).status_code == 400
    assert who(browser) == str(linked.pk)
    del made["nonce"]
    old = {**made, "iat": int(time.time()) - 3600}
    assert asker.post(address, {"logout_token": peer.token(old)}).status_code == 400
    assert asker.post(address, {"logout_token": peer.token(made)}).status_code == 204
    assert asker.post(address, {"logout_token": peer.token(made)}).status_code == 400
    assert browser.get(reverse("identity:connections")).status_code == 302
    assert Event.objects.filter(action="identity.signed_out_there").count() == 1
