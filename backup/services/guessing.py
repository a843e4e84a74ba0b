"""Guessing at links is hopeless, and costs much."""

from __future__ import annotations

from core.rest import limits

GUESS = 60
"""Units that a link costs which isn't there: with 20 of them a minute an address is heard no more."""


def charge() -> None:
    """Count a link that isn't there against the address that asked for it. Raises limits.TooMany."""
    taken = limits.take([limits.address()], GUESS)
    if taken and taken.wait:
        raise limits.TooMany(taken.wait)
