"""What is unusual in somebody's reading: arithmetic on numbers and moments."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

TIMES = 5
"""So many times his usual hour is unusual."""
FEW = 30
"""Fewer things than that in an hour are never too many."""
KNOWN = 20
"""Hours of work after which we know when somebody works."""
NIGHT = (22, 6)
READS = ("_read", "_shown", "_opened", "_downloaded")


def is_reading(action: str) -> bool:
    """Whether an action reads a thing. Reading the journal is watched by the journal itself."""
    return action.endswith(READS) and not action.startswith(("audit.", "access.", "accounts."))


def is_export(action: str) -> bool:
    return "export" in action or "download" in action


def too_much(now: int, past: Sequence[int], bound: int) -> bool:
    """More in an hour than the bound, or far more than in the hours of his own past in which he worked."""
    if now >= bound:
        return True
    return len(past) >= KNOWN and now >= FEW and now > TIMES * max(usual(past), 1)


def usual(past: Sequence[int]) -> int:
    """The number that nineteen of twenty of his hours don't exceed."""
    ordered = sorted(past)
    return ordered[min(len(ordered) - 1, len(ordered) * 19 // 20)] if ordered else 0


def is_off(moment: datetime) -> bool:
    """Night or weekend, by the clock on the wall."""
    return moment.weekday() >= 5 or moment.hour >= NIGHT[0] or moment.hour < NIGHT[1]


def at_unusual_hours(moment: datetime, past: Sequence[datetime]) -> bool:
    """At night or on a weekend, by somebody whom we know well and who has never worked then."""
    return is_off(moment) and len(past) >= KNOWN and not any(is_off(hour) for hour in past)


def most_within(read: Iterable[tuple[datetime, str]], span: timedelta) -> tuple[int, datetime | None]:
    """How many different things were read within a span at most, and when that had been reached first."""
    window: deque[tuple[datetime, str]] = deque()
    held: Counter[str] = Counter()
    most, when = 0, None
    for at, thing in read:
        window.append((at, thing))
        held[thing] += 1
        while window[0][0] < at - span:
            _at, old = window.popleft()
            held[old] -= 1
            if not held[old]:
                del held[old]
        if len(held) > most:
            most, when = len(held), at
    return most, when
