"""The certificate that the portal shows to browsers: looked at as a browser would, long before it expires."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from core.tool import Finding, Level, Measure

WARN_DAYS = 30
WAIT = 5
"""Seconds for the connection."""
KEPT = 3600
"""Seconds for which what was seen is kept: the page and Prometheus ask more often than it changes."""
AWAY, BAD = "away", "bad"


def certificate() -> Finding:
    """The certificate of the portal's address is valid, and for a while yet."""
    asks = _("The certificate of the portal’s address is valid for thirty days at least.")
    name = "deploy.certificate"
    if not settings.HTTPS:
        return Finding(name, Level.GOOD, _("There is none: PUBLIC_URL isn’t https."), asks)
    expires = seen()
    if expires == AWAY:
        message = _("PUBLIC_URL doesn’t answer from this machine, so its certificate could not be looked at.")
        return Finding(name, Level.WARNING, message, asks)
    if expires == BAD:
        message = _(
            "Browsers refuse the certificate: it has expired, is for another name, or nobody trusts its issuer."
        )
        return Finding(name, Level.FAILED, message, asks)
    days = days_left(float(expires))
    if days < WARN_DAYS:
        message = _("The certificate expires in %(days)d days. Renew it, and see why that didn’t happen by itself.")
        return Finding(name, Level.WARNING, message % {"days": days}, asks)
    return Finding(name, Level.GOOD, asks=asks)


def measures() -> Iterator[Measure]:
    """For Prometheus: none where the certificate can't be seen, which the control tells."""
    if settings.HTTPS and (expires := seen()) not in (AWAY, BAD):
        yield Measure(
            "suite_certificate_days", "Days until the portal's certificate expires.", days_left(float(expires))
        )


def days_left(expires: float) -> int:
    return int((expires - time.time()) // 86400)


def seen() -> str | float:
    """When it expires, as seconds of the epoch; AWAY or BAD where it can't be told. Looked at once an hour."""
    key = f"health:certificate:{settings.PUBLIC_URL}"
    found: str | float | None = cache.get(key)
    if found is None:
        found = look()
        cache.set(key, found, KEPT)
    return found


def look() -> str | float:
    parts = urlsplit(settings.PUBLIC_URL)
    context = ssl.create_default_context()
    if settings.OUTGOING_CA:
        context.load_verify_locations(settings.OUTGOING_CA)
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 443), WAIT) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            shown = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError:
        return BAD
    except OSError:
        return AWAY
    return ssl.cert_time_to_seconds(str(shown["notAfter"]))
