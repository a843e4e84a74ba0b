"""A clock that is wrong by as many hours as a file says, for a process of Python: `faketime` would break its sleep."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from django.utils import timezone


def by(clock: Path) -> None:
    """From now on this process goes by it, as PostgreSQL and Valkey do."""
    true, true_now = time.time, timezone.now

    def away() -> timedelta:
        return timedelta(hours=int(clock.read_text().rstrip("h\n")))

    time.time = lambda: true() + away().total_seconds()
    timezone.now = lambda: true_now() + away()
