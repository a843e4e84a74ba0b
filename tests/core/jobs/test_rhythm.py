"""When something is due again, in any time zone, also on the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import rhythm

PARIS = ZoneInfo("Europe/Paris")


def after(words: str, moment: str) -> str:
    """What comes after a local moment in Paris, as a local moment."""
    found = rhythm.parse(words).after(datetime.fromisoformat(moment).replace(tzinfo=PARIS).astimezone(UTC), PARIS)
    return found.astimezone(PARIS).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("words", "moment", "due"),
    [
        ("daily 02:30", "2026-11-23T02:29", "2026-11-23T02:30+01:00"),
        ("daily 02:30", "2026-11-23T02:30", "2026-11-24T02:30+01:00"),
        ("weekly mon 03:00", "2026-11-23T03:00", "2026-11-30T03:00+01:00"),
        ("weekly sun 03:00", "2026-11-23T03:00", "2026-11-29T03:00+01:00"),
        ("monthly 1 04:00", "2026-11-23T03:00", "2026-12-01T04:00+01:00"),
        ("every 15 min", "2026-11-23T10:01", "2026-11-23T10:15+01:00"),
        ("every 2 h", "2026-11-23T10:01", "2026-11-23T11:00+01:00"),
        # 29 March 2026: 02:00 becomes 03:00; 25 October 2026: 03:00 becomes 02:00
        ("daily 02:30", "2026-03-28T12:00", "2026-03-29T03:30+02:00"),
        ("daily 02:30", "2026-03-29T12:00", "2026-03-30T02:30+02:00"),
        ("daily 02:30", "2026-10-24T12:00", "2026-10-25T02:30+02:00"),
        ("daily 02:30", "2026-10-25T02:30", "2026-10-26T02:30+01:00"),
    ],
)
def test_what_is_due_next(words: str, moment: str, due: str) -> None:
    """An hour skipped in spring comes later that night; one that comes twice in autumn counts once."""
    assert after(words, moment) == due


@pytest.mark.parametrize(
    "words",
    ["", "daily", "daily 25:00", "daily 2:30", "weekly xyz 02:00", "every 0 min", "monthly 31 02:00", "daily 02:30 x"],
)
def test_what_is_no_rhythm_is_refused(words: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"."):
        rhythm.parse(words)


@given(
    words=st.sampled_from(["daily 02:30", "weekly sun 02:30", "monthly 28 00:00", "every 15 min"]),
    days=st.integers(0, 7000),
    minutes=st.integers(0, 1439),
    zone=st.sampled_from([PARIS, UTC, ZoneInfo("Indian/Reunion"), ZoneInfo("America/Cayenne")]),
)
def test_the_next_time_is_later_and_nothing_lies_between(words: str, days: int, minutes: int, zone: ZoneInfo) -> None:
    """The next time is after the moment asked about, and asking a little before it gives the same."""
    moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=days, minutes=minutes)
    next_at = rhythm.parse(words).after(moment, zone)
    assert next_at > moment
    assert rhythm.parse(words).after(moment + (next_at - moment) / 2, zone) == next_at
