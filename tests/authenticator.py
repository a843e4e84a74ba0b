"""The authenticator app of a test's people, and that they have just used it."""

from __future__ import annotations

import time

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.test import Client

PERIOD = 30
"""Seconds for which a code is shown (RFC 6238)."""


def just_confirmed(client: Client) -> Client:
    """Let this person have said a moment ago who he is."""
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, get_user(request), "password", reauthenticated=True)
    request.session.save()
    return client


def code_now(secret: str, lasts: float = 10) -> str:
    """The code that is shown; as a person would, wait for the next one where this one is about to change.

    `lasts`: how many seconds it must still be good for.
    """
    left = PERIOD - time.time() % PERIOD
    if left < lasts:
        time.sleep(left)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD)))
