"""A store that is used no faster than it may be, and only when it may be."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backup.engine.errors import BackupError, Missing
from backup.engine.format import layout
from backup.engine.stores import rates
from backup.engine.stores.limited import LONGEST, SLICE, Limited
from backup.engine.stores.rates import Rates, Schedule
from tests.backup.stores.memory import Clock, MemoryStore

BADGE = layout.badge_name(bytes(16))
PARIS = ZoneInfo("Europe/Paris")


def limited(clock: Clock, schedule: Schedule, inner: MemoryStore | None = None) -> Limited:
    return Limited(inner or MemoryStore(), schedule, clock=clock, sleep=clock.sleep)


def at(text: str, zone: ZoneInfo = PARIS) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@given(rate=st.integers(1_000, 10_000_000), sizes=st.lists(st.integers(0, 3_000_000), min_size=1, max_size=10))
def test_no_more_flows_than_allowed(rate: int, sizes: list[int]) -> None:
    """However large what is sent is, so many bytes take as long as the rate says, give or take a slice."""
    clock = Clock(1_000_000.0)
    store = limited(clock, Schedule(Rates(upload=rate)))
    for number, size in enumerate(sizes):
        store.create(layout.config_name(number), [bytes(size)])
    took, total = clock.now - 1_000_000, sum(sizes)
    assert (total - SLICE) / rate - 1e-3 <= took <= total / rate + 1e-3


def test_waiting_is_in_slices() -> None:
    """Who waits for something large wakes up often, so that others get their share and other rates are seen."""
    clock = Clock()
    limited(clock, Schedule(Rates(upload=SLICE))).create(BADGE, [bytes(20 * SLICE)])
    assert len(clock.slept) == 19
    assert max(clock.slept) <= LONGEST


def test_both_ways_have_their_own_rate() -> None:
    """What is read is limited by the rate of downloads, by what really came, and not by that of uploads."""
    clock, inner = Clock(), MemoryStore()
    inner.objects[BADGE] = bytes(1_000_000)
    store = limited(clock, Schedule(Rates(upload=1, download=100_000)), inner)
    assert len(store.read(BADGE)) == 1_000_000
    store.read(BADGE, 0, 1)
    assert 9.9 <= clock.now <= 10.1
    store.read(BADGE, 999_999, 500_000)
    before = clock.now
    store.read(BADGE, 0, 1)
    assert clock.now - before < 0.1


def test_no_limit_waits_for_nothing() -> None:
    """Without a rate nothing waits."""
    clock = Clock()
    store = limited(clock, Schedule(Rates()))
    store.create(BADGE, [bytes(10_000_000)])
    assert store.read(BADGE) == bytes(10_000_000)
    assert clock.slept == []


def test_an_idle_store_saves_up_a_second_at_most() -> None:
    """Who was idle for a day may send at once what a second allows, and not what a day would."""
    clock = Clock()
    store = limited(clock, Schedule(Rates(upload=100_000)))
    clock.now += 86_400
    store.create(BADGE, [bytes(1_000_000)])
    assert 8.0 <= clock.now - 86_400 <= 9.0


def test_a_clock_that_is_set_back_holds_nobody_up() -> None:
    """A clock that is set back costs at most what was due anyway."""
    clock = Clock(1_000_000.0)
    store = limited(clock, Schedule(Rates(upload=100_000)))
    store.create(BADGE, [bytes(100_000)])
    clock.now -= 500_000
    before = clock.now
    store.create(layout.config_name(1), [bytes(100_000)])
    assert clock.now - before <= 2.1


def test_threads_share_the_rate() -> None:
    """All threads together get what the rate allows."""
    store = Limited(MemoryStore(), Schedule(Rates(upload=2_000_000)))
    threads = [Thread(target=store.create, args=(layout.config_name(number), [bytes(200_000)])) for number in range(4)]
    before = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - before >= (800_000 - 4 * SLICE) / 2_000_000


def test_other_hours_have_other_rates() -> None:
    """In a window its rate counts, by the clock of its zone, and from its end on the other one again."""
    schedule = Schedule(Rates(upload=1_000_000), [rates.parse_window("08:00-18:00=1k")], PARIS)
    clock = Clock(at("2026-07-01T17:59:50"))
    limited(clock, schedule).create(BADGE, [bytes(10_000_000)])
    assert at("2026-07-01T18:00:05") < clock.now < at("2026-07-01T18:01:15")


def test_outside_of_the_allowed_hours_all_waits() -> None:
    """Where the rate is 0, everything waits for the next window, and then goes at once."""
    schedule = Schedule(Rates(0, 0), [rates.parse_window("22:00-06:00=off")], PARIS)
    clock, inner = Clock(at("2026-01-15T12:00:00")), MemoryStore()
    store = limited(clock, schedule, inner)
    store.create(BADGE, [bytes(10_000_000)])
    assert at("2026-01-15T22:00:00") <= clock.now <= at("2026-01-15T22:00:00") + LONGEST
    clock.now = at("2026-01-16T07:00:00")
    store.read(BADGE)
    assert clock.now >= at("2026-01-16T22:00:00")


def test_what_fails_is_told() -> None:
    """A call that fails fails as it would without limits."""
    with pytest.raises(Missing):
        limited(Clock(), Schedule(Rates(1, 1))).read(BADGE)


@pytest.mark.parametrize(
    ("window", "when", "is_in"),
    [
        ("08:00-18:00=0", "2026-07-01T08:00", True),
        ("08:00-18:00=0", "2026-07-01T17:59:59", True),
        ("08:00-18:00=0", "2026-07-01T18:00", False),
        ("22:00-06:00=0", "2026-07-01T23:00", True),
        ("22:00-06:00=0", "2026-07-01T05:59", True),
        ("22:00-06:00=0", "2026-07-01T12:00", False),
        ("mon-fri 08:00-18:00=0", "2026-07-03T12:00", True),
        ("mon-fri 08:00-18:00=0", "2026-07-04T12:00", False),
        ("fri 22:00-06:00=0", "2026-07-04T03:00", True),
        ("fri 22:00-06:00=0", "2026-07-03T03:00", False),
        ("sat-mon 00:00-12:00=0", "2026-07-05T03:00", True),
        ("sat-mon 00:00-12:00=0", "2026-07-07T03:00", False),
        ("00:00-00:00=0", "2026-07-07T03:00", True),
    ],
)
def test_windows_are_of_days_and_hours(window: str, when: str, is_in: bool) -> None:
    """A window is of the days that are named, and what goes past midnight is of the day it begins on."""
    schedule = Schedule(Rates(7, 7), [rates.parse_window(window)], PARIS)
    assert (schedule.at(at(when)) == Rates(0, 0)) is is_in


def test_the_first_window_counts() -> None:
    """Where two windows overlap, the first one counts."""
    schedule = Schedule(Rates(), [rates.parse_window("08:00-12:00=1"), rates.parse_window("09:00-18:00=2")], PARIS)
    assert schedule.at(at("2026-07-01T10:00")).upload == 1
    assert schedule.at(at("2026-07-01T13:00")).upload == 2


def test_hours_follow_summer_time() -> None:
    """A window is by the clock on the wall, in summer and in winter."""
    schedule = Schedule(Rates(), [rates.parse_window("08:00-09:00=1")], PARIS)
    for when in ("2026-07-01T06:30", "2026-01-15T07:30"):
        assert schedule.at(datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp()).upload == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500k", Rates(500_000, 500_000)), ("2M:0", Rates(2_000_000, 0)), ("off", Rates()), ("1.5G:off", Rates(1.5e9))],
)
def test_rates_are_written_as_one_says_them(text: str, expected: Rates) -> None:
    """Rates are numbers of bytes a second, with k, M or G; off is none, and a colon parts up from down."""
    assert rates.parse_rates(text) == expected


@pytest.mark.parametrize(
    "text", ["", "fast", "-1", "1K", "08:00=1", "8:00-9:00=1", "25:00-26:00=1", "day 08:00-09:00=1"]
)
def test_what_is_no_window_is_refused(text: str) -> None:
    """What is neither a rate nor a window is refused, with what it should look like."""
    with pytest.raises(BackupError):
        rates.parse_window(text)
    with pytest.raises(BackupError):
        rates.parse_rate(text)
