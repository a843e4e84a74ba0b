"""On which days those who haven't finished are told: a week and a day before, on the day itself, then each week."""

from __future__ import annotations

from datetime import date, timedelta

BEFORE = (7, 1, 0)
"""Days before the end."""
AFTERWARDS = timedelta(days=7)


def next_day(due: date, after: date) -> date:
    """The first day after this one on which they are told."""
    for days in BEFORE:
        if (day := due - timedelta(days=days)) > after:
            return day
    return due + AFTERWARDS * ((after - due) // AFTERWARDS + 1)
