"""When an agent's plan is due: turns by its rhythm, made up once when they were missed; again soon where it failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from backup.models import Plan, Run

AHEAD = timedelta(days=35)
FEWEST, MOST = 4, 100
"""Turns that an agent is told, so that it goes on while the portal is away."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(hours=6)
"""After a run that failed; each further one waits twice as long."""
LOOKED_AT = 25
"""Runs of a plan that say how often it failed in a row."""


def next_turn(plan: Plan, newest: Sequence[Run]) -> datetime:
    """When it is due, or has been since; `newest` are its last runs that have begun, the newest first."""
    since = plan.counted_from or plan.created_at
    if newest:
        since = max(since, newest[0].started_at or newest[0].created_at)
    turn = plan.turn_after(since)
    again = _again(plan, newest)
    return min(turn, again) if again is not None else turn


def turns(plan: Plan, newest: Sequence[Run], now: datetime) -> list[datetime]:
    """The turn that is due or comes next, and those after it."""
    first = next_turn(plan, newest)
    found, last = [first], max(first, now)
    while len(found) < MOST and (len(found) < FEWEST or last < now + AHEAD):
        last = plan.turn_after(last)
        found.append(last)
    return found


def _again(plan: Plan, newest: Sequence[Run]) -> datetime | None:
    """When a run that failed is tried again; None where it isn't."""
    failures = 0
    for run in newest:
        if run.state != Run.State.FAILED:
            break
        failures += 1
    ended = newest[0].ended_at if newest else None
    if not failures or ended is None or failures > int(plan.settled.get("retries", 0)):
        return None
    return ended + min(timedelta(seconds=FIRST_PAUSE.total_seconds() * 2 ** (failures - 1)), LONGEST_PAUSE)
