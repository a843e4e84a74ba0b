"""What the command line tells who called it."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    PARTLY = 3
    """Done, but for files that couldn't be read, or parts that couldn't be restored."""
    INTERRUPTED = 130
