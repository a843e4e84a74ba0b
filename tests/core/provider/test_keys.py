"""The keys that sign: next, current, old."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from core.access.demo import World
from core.access.people import NotAdministrator
from core.audit.models import Event
from core.provider import keys, signing
from core.provider.models import SigningKey
from tests.core.provider.conftest import Relying
from tests.core.provider.test_code import claims_of

Rely = Callable[..., Relying]


def test_old_tokens_verify_after_a_rotation(rely: Rely, world: World) -> None:
    """The next key was published before it signs, and what the old one signed verifies until it ends."""
    wiki = rely()
    before = wiki.tokens()["id_token"]
    published = {key["kid"] for key in Client().get("/oauth/keys").json()["keys"]}
    keys.rotate_by(world.user["administrator"])
    after = wiki.tokens()["id_token"]
    kids = [jwt.get_unverified_header(text)["kid"] for text in (before, after)]
    assert kids[0] != kids[1]
    assert kids[1] in published
    for text in (before, after):
        assert claims_of(text, wiki.service.client_id)["sub"] == world.user["owner"].pk.hex
    assert Event.objects.filter(action="provider.keys_rotated").exists()


def test_keys_are_sealed(db: None) -> None:
    """The private halves are in the database under the vault's key alone, and never published."""
    key = keys.signing()
    with connection.cursor() as cursor:
        cursor.execute("SELECT private, public::text FROM provider_signingkey")
        rows = cursor.fetchall()
    assert not any(b"PRIVATE" in bytes(private) or '"d"' in public for private, public in rows)
    assert "PRIVATE KEY" in key.private


def test_keys_are_renewed_by_upkeep(db: None) -> None:
    """Upkeep rotates after three months, and drops an old key once nothing needs it; before, it does nothing."""
    keys.renew()
    assert not SigningKey.objects.exists()
    first = keys.signing()
    keys.renew()
    assert keys.signing() == first
    SigningKey.objects.update(since=timezone.now() - keys.RENEWED_EVERY - timedelta(days=1))
    keys.renew()
    assert keys.signing() != first
    assert SigningKey.objects.get(pk=first.pk).state == SigningKey.State.OLD
    SigningKey.objects.filter(pk=first.pk).update(since=timezone.now() - keys.KEPT - timedelta(days=1))
    keys.renew()
    assert not SigningKey.objects.filter(pk=first.pk).exists()


def test_keys_are_rotated_by_command(db: None) -> None:
    """`manage.py provider rotate-keys` rotates, and says which key does what."""
    first, out = keys.signing(), StringIO()
    call_command("provider", "rotate-keys", stdout=out)
    assert f"{first.kid}  old" in out.getvalue()
    assert keys.signing() != first


def test_only_administrators_rotate(world: World) -> None:
    """Nobody else has the keys rotated."""
    with pytest.raises(NotAdministrator):
        keys.rotate_by(world.user["owner"])


def forged(claims: dict[str, Any], head: dict[str, Any], key: Any) -> str:
    return jwt.encode(claims, key, algorithm=head.pop("alg"), headers=head)


def test_forged_hints_are_nobodys(rely: Rely) -> None:
    """A token without signature, signed with our public key as a secret, by another key or of another kind is none."""
    wiki = rely()
    real = wiki.tokens()["id_token"]
    claims = jwt.decode(real, options={"verify_signature": False})
    assert signing.read_id_token(real) == claims
    kid = jwt.get_unverified_header(real)["kid"]
    public = keys.find(kid)
    assert public is not None
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    head, body = ({"alg": "HS256", "kid": kid, "typ": "JWT"}, claims)
    parts = ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in (head, body))
    mac = hmac.digest(json.dumps(public.public).encode(), parts.encode(), hashlib.sha256)
    confused = f"{parts}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    bad = [
        forged(claims, {"alg": "none", "kid": kid}, None),
        confused,
        forged(claims, {"alg": "RS256", "kid": kid}, other),
        forged(claims, {"alg": "RS256", "kid": "unknown"}, other),
        forged(claims, {"alg": "RS256", "jwk": {"kty": "oct", "k": "AA"}}, other),
        signing.sign(claims, "logout+jwt"),
        signing.sign(claims | {"iss": "https://evil.example"}, "JWT"),
        real[:-4] + "AAAA",
        "a.b.c",
        "",
        "x" * 20_000,
    ]
    assert [signing.read_id_token(text) for text in bad] == [None] * len(bad)
    assert signing.read_id_token(real, "another") is None


def test_discovery_tells_what_there_is(db: None, client: Client) -> None:
    """The discovery document names addresses that answer, and only what is done here."""
    told = client.get("/.well-known/openid-configuration").json()
    assert told["issuer"] == settings.PUBLIC_URL
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    for name, address in told.items():
        if name.endswith(("_endpoint", "_uri")):
            path = address.removeprefix(settings.PUBLIC_URL)
            assert client.get(path).status_code in (200, 302, 400, 401, 405), name
    assert client.get("/.well-known/openid-configuration", HTTP_HOST="testserver").json() == told
