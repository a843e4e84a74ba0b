"""Sign what services are told, and recognise what we have signed: RS256 alone, by the key that its `kid` names."""

from __future__ import annotations

import time
from typing import Any

import jwt
from django.conf import settings

from core.provider import keys

ALGORITHM = "RS256"
LONGEST = 8192
"""Characters of a token that is looked at at all."""


def sign(claims: dict[str, Any], kind: str) -> str:
    """A signed token of this `typ`, from now on."""
    key = keys.signing()
    payload = {"iss": settings.PUBLIC_URL, "iat": int(time.time()), **claims}
    return jwt.encode(payload, key.private, algorithm=ALGORITHM, headers={"kid": key.kid, "typ": kind})


def read_id_token(text: str, audience: str | None = None) -> dict[str, Any] | None:
    """The claims of an id_token of ours, even one that is over, as a hint about who is meant. None for anything else.

    The algorithm and the key are ours to say: what the token's head names is only looked up among our own keys.
    """
    if not text or len(text) > LONGEST:
        return None
    try:
        head = jwt.get_unverified_header(text)
        key = keys.find(str(head.get("kid", "")))
        if key is None or head.get("alg") != ALGORITHM or head.get("typ") != "JWT":
            return None
        found: dict[str, Any] = jwt.decode(
            text,
            jwt.PyJWK(key.public, algorithm=ALGORITHM).key,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=settings.PUBLIC_URL,
            options={"verify_exp": False, "verify_aud": audience is not None, "require": ["sub", "aud", "sid", "iat"]},
        )
    except jwt.PyJWTError:
        return None
    return found
