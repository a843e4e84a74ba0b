"""Speak with an identity provider: find it, exchange a code, read its keys. Nothing here decides who may come in."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_noop as _

from core import outgoing
from core.identity.engine import tokens
from core.identity.models import IdentityProvider

log = logging.getLogger(__name__)
KEPT = 10 * 60
"""Seconds for which what a provider says of itself is kept."""
AGAIN = 30
"""Seconds before keys are read once more because of an unknown one: forged tokens must not make us ask."""


class Unreachable(Exception):
    """The provider can't be asked, or doesn't say what it must. The message names the step, for the operator's log.

    `text` is what an administrator is told of it in his language, about `address` where it has one.
    """

    def __init__(self, text: str, address: str = "") -> None:
        super().__init__(text % {"address": address})
        self.text, self.address = text, address


@dataclass(frozen=True)
class Metadata:
    issuer: str
    authorize: str
    token: str
    jwks: str
    userinfo: str = ""
    logout: str = ""
    auth_methods: tuple[str, ...] = ()


def metadata(provider: IdentityProvider) -> Metadata:
    """The provider's addresses: those that were typed, for the rest those that it publishes. Raises Unreachable."""
    found = _json(provider, provider.discovery_url, "configuration") if provider.discovery_url else {}
    issuer = provider.issuer or str(found.get("issuer", ""))
    published = provider.discovery_url.partition("/.well-known/")[0].rstrip("/")
    if provider.discovery_url and found.get("issuer") not in (issuer, None):
        raise Unreachable(_("its configuration names another issuer than was typed"))
    if not provider.issuer and issuer.rstrip("/") != published:
        raise Unreachable(_("its configuration names an issuer of another address"))
    methods = found.get("token_endpoint_auth_methods_supported")
    made = Metadata(
        issuer,
        provider.authorize_url or str(found.get("authorization_endpoint", "")),
        provider.token_url or str(found.get("token_endpoint", "")),
        provider.jwks_url or str(found.get("jwks_uri", "")),
        provider.userinfo_url or str(found.get("userinfo_endpoint", "")),
        provider.logout_url or str(found.get("end_session_endpoint", "")),
        tuple(map(str, methods)) if isinstance(methods, list) else (),
    )
    if not (made.issuer and made.authorize and made.token and made.jwks):
        raise Unreachable(_("its configuration lacks an address"))
    where = urlsplit(made.authorize)
    if where.scheme != "https" and not (where.scheme == "http" and outgoing.is_ours(where.hostname or "")):
        raise Unreachable(_("people are sent only to addresses with https"))
    return made


def verified(provider: IdentityProvider, found: Metadata, token: str, nonce: str) -> dict[str, Any]:
    """The claims of an id_token. Raises Untrusted, Unreachable."""
    return _with_keys(provider, found, partial(tokens.verify_identity, token, nonce=nonce))


def verified_logout(provider: IdentityProvider, token: str) -> dict[str, Any]:
    """The claims of a logout token, which is taken once. Raises Untrusted, Unreachable."""
    claims = _with_keys(provider, metadata(provider), partial(tokens.verify_logout, token))
    digest = hashlib.sha256(f"{claims['jti']}".encode()).hexdigest()
    if not cache.add(f"identity:logout:{provider.pk}:{digest}", True, tokens.LOGOUT_LASTS):
        raise tokens.Untrusted("it was sent before")
    return claims


def _with_keys(provider: IdentityProvider, found: Metadata, verify: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Verify by the keys we know; where the one that is named isn't among them, by those of now."""
    expected = {"issuer": found.issuer, "client_id": provider.client_id}
    try:
        return verify(keys(provider, found), **expected)
    except tokens.UnknownKey:
        if not cache.add(f"identity:keys-again:{provider.pk}", True, AGAIN):
            raise
        return verify(keys(provider, found, anew=True), **expected)


def keys(provider: IdentityProvider, found: Metadata, anew: bool = False) -> dict[str, Any]:
    return _json(provider, found.jwks, "keys", anew)


def exchange(provider: IdentityProvider, found: Metadata, code: str, verifier: str, back: str) -> dict[str, Any]:
    """The tokens for a code. Raises Unreachable."""
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    basic = "client_secret_post" not in found.auth_methods and "client_secret_basic" in found.auth_methods
    if not basic:
        data |= {"client_id": provider.client_id} | ({"client_secret": provider.secret} if provider.secret else {})
    auth = (provider.client_id, provider.secret) if basic else None
    return _read(lambda client: client.post(found.token, data=data, auth=auth), found.token)


def userinfo(found: Metadata, access_token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
    return _read(lambda client: client.get(found.userinfo, headers=headers), found.userinfo)


def _json(provider: IdentityProvider, address: str, what: str, anew: bool = False) -> dict[str, Any]:
    key = f"identity:{what}:{provider.pk}:{provider.changed_at.timestamp()}"
    if not anew and (kept := cache.get(key)):
        return dict(kept)
    found = _read(lambda client: client.get(address), address)
    cache.set(key, found, KEPT)
    return found


def _read(call: Any, address: str) -> dict[str, Any]:
    """What an address answers, if that is an object in JSON. What it says besides stays out of the log."""
    try:
        with outgoing.session() as client:
            response = call(client)
        found = json.loads(response.content) if response.status_code == 200 else None
    except outgoing.Forbidden:
        raise Unreachable(
            _("%(address)s lies in a private network, and the operator has not named it in OUTGOING_HOSTS"), address
        ) from None
    except outgoing.BadCertificate:
        log.warning("identity provider, %s: its certificate isn't valid", address)
        raise Unreachable(
            _("the certificate of %(address)s has expired, is for another address or comes from nobody who is trusted"),
            address,
        ) from None
    except (requests.RequestException, ValueError, RecursionError) as error:
        log.warning("identity provider, %s: %s", address, type(error).__name__)
        raise Unreachable(_("%(address)s doesn’t answer as it should"), address) from None
    if not isinstance(found, dict):
        log.warning("identity provider, %s: answered %s", address, response.status_code)
        raise Unreachable(_("%(address)s doesn’t answer as it should"), address)
    return found


def callback(slug: str) -> str:
    """Where the provider sends people back: one address each, so that no other provider's answer passes for its."""
    return f"{settings.PUBLIC_URL}/accounts/identity/{slug}/callback/"
