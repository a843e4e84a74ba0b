"""The keys that sign: one signs now, the next is published before it does, old ones verify what they have signed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.core.internal.jwkkit import jwk_thumbprint
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection, transaction
from django.utils import timezone
from jwt.algorithms import RSAAlgorithm

from core import audit
from core.access.people import require_administrator
from core.provider.models import SigningKey

if TYPE_CHECKING:
    from core.accounts.models import User

BITS = 3072
RENEWED_EVERY = timedelta(days=90)
KEPT = timedelta(days=30)
"""How long an old key still verifies: what it signed ends long before, but names a session at the log-out."""
LOCK = 0x70726F76
"""Of two who make or rotate keys, the second waits."""


def jwks() -> dict[str, Any]:
    """The public halves of every key: the next one too, so that services know it before it signs."""
    signing()
    return {"keys": list(SigningKey.objects.values_list("public", flat=True))}


def find(kid: str) -> SigningKey | None:
    return SigningKey.objects.defer("private").filter(kid=kid).first()


def signing() -> SigningKey:
    """The key that signs now; the first ones are made when they are first needed."""
    found = SigningKey.objects.filter(state=SigningKey.State.CURRENT).first()
    if found is not None:
        return found
    with transaction.atomic():
        _wait()
        found = SigningKey.objects.filter(state=SigningKey.State.CURRENT).first()
        if found is None:
            found = _make(SigningKey.State.CURRENT)
            _make(SigningKey.State.NEXT)
        return found


def rotate_by(actor: User) -> SigningKey:
    """An administrator has the next key sign from now on."""
    require_administrator(actor, "provider.manage_clients")
    return rotate(actor)


@transaction.atomic
def rotate(actor: User | None = None) -> SigningKey:
    """The next key signs from now on, another is published to follow it, and old ones go once nothing needs them."""
    signing()
    _wait()
    now, states = timezone.now(), SigningKey.State
    SigningKey.objects.filter(state=states.OLD, since__lt=now - KEPT).delete()
    SigningKey.objects.filter(state=states.CURRENT).update(state=states.OLD, since=now)
    SigningKey.objects.filter(state=states.NEXT).update(state=states.CURRENT, since=now)
    _make(states.NEXT)
    current = SigningKey.objects.get(state=states.CURRENT)
    audit.record(actor, "provider.keys_rotated", current, kid=current.kid)
    return current


def renew() -> None:
    """Rotate when it is time. Daily; nothing happens where nobody has signed in through us yet."""
    current = SigningKey.objects.defer("private").filter(state=SigningKey.State.CURRENT).first()
    if current is not None and current.since < timezone.now() - RENEWED_EVERY:
        rotate()
    SigningKey.objects.filter(state=SigningKey.State.OLD, since__lt=timezone.now() - KEPT).delete()


def _make(state: SigningKey.State) -> SigningKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    public = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    public = {name: public[name] for name in ("kty", "n", "e")}
    kid = jwk_thumbprint(public)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SigningKey.objects.create(
        kid=kid, state=state, public=public | {"kid": kid, "use": "sig", "alg": "RS256"}, private=pem.decode()
    )


def _wait() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
