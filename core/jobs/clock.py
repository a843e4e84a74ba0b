"""Whether the database's clock can be asked how long ago something was: not just after it has jumped."""

from __future__ import annotations

import time
from datetime import datetime

from django.db import connection

from core.jobs.timing import TIMING

_last: tuple[datetime, float] | None = None
"""What both clocks said the last time: the database's, which may be set, and ours, which only goes on."""
_jumped_at = float("-inf")


def is_steady() -> bool:
    """False for the time of a lease after a jump: by then, every worker that lives has renewed its own."""
    global _last, _jumped_at
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (wall,) = cursor.fetchone()
    ours, lease = time.monotonic(), TIMING.lease.total_seconds()
    if _last is not None and abs((wall - _last[0]).total_seconds() - (ours - _last[1])) > lease / 2:
        _jumped_at = ours
    _last = (wall, ours)
    return ours - _jumped_at >= lease
