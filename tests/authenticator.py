"""The authenticator app of a test's people."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

PERIOD = 30
"""Seconds for which a code is shown (RFC 6238)."""


def code_now(secret: str, lasts: float = 10) -> str:
    """The code that is shown; as a person would, wait for the next one where this one is about to change.

    `lasts`: how many seconds it must still be good for.
    """
    left = PERIOD - time.time() % PERIOD
    if left < lasts:
        time.sleep(left)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD)))
