"""Verify what an identity provider has signed. Whatever isn't certain is Untrusted; nothing is taken on trust.

OpenID Connect Core 1.0, 3.1.3.7; Back-Channel Logout 1.0, 2.6; JWT best current practices, RFC 8725.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Any

import jwt

BY_KEY = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
"""Signatures taken from each type of key. None is symmetric: a public key is never taken for a shared secret."""
LEEWAY = 60
"""Seconds by which two clocks may differ."""
LONGEST = 64 << 10
"""Characters of a token."""
LOGOUT_LASTS = 5 * 60
"""Seconds for which a logout token is taken."""
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class Untrusted(ValueError):
    """A token that isn't what it says. The message is for the operator's log and holds nothing of the token."""


class UnknownKey(Untrusted):
    """Signed by a key that isn't among these: the provider may have changed them since they were read."""


def verify_identity(token: str, keys: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """The claims of an id_token that this provider made for us, now, in answer to our question `nonce`."""
    claims = _verify(token, keys, issuer=issuer, client_id=client_id, require=("exp", "iat", "iss", "aud", "sub"))
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise Untrusted("it answers another question")
    return claims


def verify_logout(token: str, keys: Mapping[str, Any], *, issuer: str, client_id: str) -> dict[str, Any]:
    """The claims of a logout token: somebody has signed out at the provider. It can't pass for an id_token."""
    claims = _verify(token, keys, issuer=issuer, client_id=client_id, require=("iat", "iss", "aud", "jti", "events"))
    if time.time() - float(claims["iat"]) > LOGOUT_LASTS - LEEWAY:
        raise Untrusted("it is old")
    events = claims["events"]
    if not isinstance(events, dict) or LOGOUT not in events or "nonce" in claims or not claims.get("sub"):
        raise Untrusted("it is no logout token about a person")
    return claims


def _verify(
    token: str, keys: Mapping[str, Any], *, issuer: str, client_id: str, require: Sequence[str]
) -> dict[str, Any]:
    if not isinstance(token, str) or len(token) > LONGEST:
        raise Untrusted("it is no token")
    try:
        header = jwt.get_unverified_header(token)
        key = _key(header, keys)
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=[str(header["alg"])],
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY,
            options={"require": list(require), "strict_aud": False},
        )
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, Untrusted):
            raise
        raise Untrusted(type(error).__name__) from None
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise Untrusted("it was made for somebody else")
    subject = claims.get("sub", "")
    if not isinstance(subject, str) or len(subject) > 255 or (not subject and "sub" in require):
        raise Untrusted("it names nobody")
    return claims


def _key(header: Mapping[str, Any], keys: Mapping[str, Any]) -> jwt.PyJWK:
    """The provider's key that this header names, of a type that makes such signatures."""
    algorithm, name = header.get("alg"), header.get("kid")
    if "crit" in header:
        raise Untrusted("it asks for what we don't know")
    fitting = [
        key
        for key in keys.get("keys", ())
        if isinstance(key, dict)
        and algorithm in BY_KEY.get(str(key.get("kty")), ())
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
    ]
    if not any(algorithm in each for each in BY_KEY.values()):
        raise Untrusted("it is signed in a way we don't take")
    named = [key for key in fitting if name is None or key.get("kid") == name]
    if len(named) != 1:
        raise UnknownKey("its key is not one of the provider's")
    return jwt.PyJWK(named[0], algorithm=str(algorithm))
