"""Hold a job's row for a moment, and never longer than its lease."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from core.jobs.timing import TIMING


@contextmanager
def brief() -> Iterator[None]:
    """A short transaction. If this process freezes inside, PostgreSQL ends its session after the time of a lease.

    Otherwise a machine that was paused, or cut off, would keep its lock and nobody could take its job over.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            limit = f"{int(TIMING.lease.total_seconds() * 1000)}"
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [limit])
        yield
