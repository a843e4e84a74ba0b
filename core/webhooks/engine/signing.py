"""Signatures by the Standard Webhooks specification (standardwebhooks.com): HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

PREFIX = "whsec_"
TOLERANCE = 5 * 60
"""Seconds by which the clocks of sender and receiver may differ."""


def secret_text(secret: bytes) -> str:
    """How a secret is shown: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(secret).decode()


def sign(secrets: Iterable[bytes], identifier: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature``: one signature per secret, while an old one still counts beside the new."""
    return " ".join(f"v1,{signature(secret, identifier, timestamp, body)}" for secret in secrets)


def signature(secret: bytes, identifier: str, timestamp: int, body: bytes) -> str:
    content = f"{identifier}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()


def verify(secret_text: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """What a receiver does: whether the call comes from who knows the secret, and is no old one sent again."""
    secret = base64.b64decode(secret_text.removeprefix(PREFIX))
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp[:12])) > TOLERANCE:
        return False
    expected = f"v1,{signature(secret, identifier, int(timestamp), body)}"
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(each.encode(), expected.encode()) for each in given)
