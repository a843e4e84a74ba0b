"""Signed tokens that say by themselves how they want to be believed, and are not."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from core.identity.engine import tokens

OURS = {"issuer": "https://idp.example", "client_id": "suite", "nonce": "n"}
THEIRS = rsa.generate_private_key(65537, 2048)
ATTACKERS = rsa.generate_private_key(65537, 2048)


def published(key: Any, kid: str = "one") -> dict[str, Any]:
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


def claims(**other: Any) -> dict[str, Any]:
    now = int(time.time())
    said = {"iss": OURS["issuer"], "aud": "suite", "sub": "1", "nonce": "n", "iat": now, "exp": now + 60}
    return said | other


def verify(token: str) -> dict[str, Any]:
    return tokens.verify_identity(token, {"keys": [published(THEIRS)]}, **OURS)


def test_an_honest_token_is_believed() -> None:
    """Signed by the key that the provider publishes, for us, now, in answer to our question."""
    assert verify(jwt.encode(claims(), THEIRS, "RS256", {"kid": "one"}))["sub"] == "1"


HEADERS: dict[str, dict[str, Any]] = {
    "its own key": {"kid": "one", "jwk": published(ATTACKERS)},
    "an address of keys": {"kid": "one", "jku": "https://evil.example/keys"},
    "an address of certificates": {"kid": "one", "x5u": "https://evil.example/x5u", "x5c": ["MIIB"]},
    "a path": {"kid": "../../../../dev/null"},
    "a query": {"kid": "x' UNION SELECT 'secret' --"},
    "no key": {},
    "a list": {"kid": "one", "typ": "JWT", "b64": False},
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_token_brings_no_key(case: str) -> None:
    """Whatever key, address or path its header names, only the provider's published keys are tried."""
    forged = jwt.encode(claims(), ATTACKERS, "RS256", HEADERS[case])
    with pytest.raises(tokens.Untrusted):
        verify(forged)


@pytest.mark.parametrize(
    "other",
    [{"aud": "another"}, {"aud": []}, {"iss": "https://evil.example"}, {"exp": 1}, {"exp": "never"}, {"nonce": ""}],
)
def test_a_token_for_others_is_not_ours(other: dict[str, Any]) -> None:
    """Of another issuer, for another audience, too old, or in answer to nobody's question: it opens nothing."""
    with pytest.raises(tokens.Untrusted):
        verify(jwt.encode(claims(**other), THEIRS, "RS256", {"kid": "one"}))


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_no_token_without_a_provider_s_signature(algorithm: str) -> None:
    """Neither unsigned nor signed with a shared secret, as which a public key could pass."""
    forged = jwt.encode(claims(), None if algorithm == "none" else "x" * 32, algorithm, {"kid": "one"})
    with pytest.raises(tokens.Untrusted):
        verify(forged)
