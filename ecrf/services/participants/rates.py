"""How often somebody may try to get in, from one address."""

from __future__ import annotations

import math

from core.rest import limits
from ecrf.services.participants.faults import TooOften

PER_MINUTE = {"door": 30, "return": 6, "public": 20, "pin": 10, "code": 10}


def count(what: str) -> None:
    """One more try of this kind. Raises TooOften."""
    here = limits.address()
    taken = limits.take([limits.Bucket(f"participants-{what}", here.owner, PER_MINUTE[what])], 1)
    if taken is not None and taken.wait:
        raise TooOften(max(1, math.ceil(taken.wait)))
