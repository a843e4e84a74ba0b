"""A store that is asked again, and left alone when it fails too often."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backup.engine.errors import AlreadyThere, BackupError, Denied, Full, Missing, Unreachable
from backup.engine.format import layout
from backup.engine.stores import retrying
from backup.engine.stores.base import Locking
from backup.engine.stores.retrying import Retrying
from tests.backup.stores.memory import Clock, LockingStore, MemoryStore

BADGE = layout.badge_name(bytes(16))


def failing(times: int, *, on: str = "", error: type[BackupError] = Unreachable) -> Callable[[str], None]:
    """Raises so many times, for the calls of this name or for all."""
    left = [times]

    def fail(call: str) -> None:
        if left[0] and on in ("", call):
            left[0] -= 1
            raise error("on command")

    return fail


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inner() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def store(inner: MemoryStore, clock: Clock) -> Retrying:
    return Retrying(inner, tries=4, in_a_row=10, rest=60, clock=clock, sleep=clock.sleep, chance=lambda: 1.0)


def test_each_call_is_made_again(inner: MemoryStore, store: Retrying, clock: Clock) -> None:
    """Every call is made again, after pauses that double, until the store answers or the tries are used up."""
    inner.objects[BADGE] = b"1"
    for call in (lambda: store.read(BADGE), store.now, store.tidy, store.prepare, lambda: store.delete(BADGE)):
        clock.slept.clear()
        inner.before = failing(3)
        call()
        assert clock.slept == [0.5, 1.0, 2.0]
        inner.before = failing(4)
        with pytest.raises(Unreachable):
            call()


@given(done=st.integers(1, 60), chance=st.floats(0, 1))
def test_pauses_are_drawn_by_lot(done: int, chance: float) -> None:
    """A pause is between half of what is due and all of it, and never longer than a minute."""
    pause = Retrying(MemoryStore(), chance=lambda: chance)._pause(done)
    due = min(retrying.LONGEST, retrying.FIRST * 2 ** (done - 1))
    assert due / 2 <= pause <= due <= 60


@pytest.mark.parametrize("error", [Denied, Full, Missing, AlreadyThere])
def test_an_answer_is_final(inner: MemoryStore, store: Retrying, clock: Clock, error: type[BackupError]) -> None:
    """What the store answers, be it no, is not asked for again."""
    inner.before = failing(1, error=error)
    with pytest.raises(error):
        store.create(BADGE, [b"1"])
    assert clock.slept == []


@pytest.mark.parametrize("times", [1, 3])
def test_ones_own_object_is_no_collision(inner: MemoryStore, store: Retrying, times: int) -> None:
    """An object that an earlier try had placed, and whose answer was lost, counts as placed."""
    inner.after = failing(times)
    store.create(BADGE, [b"one ", b"object"])
    assert inner.objects == {BADGE: b"one object"}
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"one ", b"object"])


@pytest.mark.parametrize("other", [b"other bytes", b"one objec", b"one object and more", b""])
def test_anothers_object_is_a_collision(inner: MemoryStore, store: Retrying, other: bytes) -> None:
    """An object with other bytes is somebody else's, also after a try that broke off."""
    inner.objects[BADGE] = other
    inner.before = failing(1, on="create")
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"one ", b"object"])
    assert inner.objects[BADGE] == other


def test_a_late_request_is_known_again(inner: MemoryStore, store: Retrying) -> None:
    """Where a request that seemed lost arrives between the look and the next try, that is no collision either."""
    inner.before = failing(1, on="create")
    read = inner.read

    def too_early(name: str, offset: int = 0, length: int | None = None) -> bytes:
        inner.read = read  # type: ignore[method-assign]
        inner.objects[name] = b"1"
        raise Missing(name)

    inner.read = too_early  # type: ignore[method-assign,assignment]
    store.create(BADGE, [b"1"])
    assert inner.count("create") == 2


def test_a_list_goes_on_where_it_broke(inner: MemoryStore, store: Retrying) -> None:
    """A list that breaks off begins again, and gives nothing twice."""
    names = [layout.config_name(number) for number in range(50)]
    inner.objects = dict.fromkeys(names, b"1")
    inner.received = dict.fromkeys(names, 1)
    seen = 0

    def break_now_and_then(call: str) -> None:
        nonlocal seen
        seen += call == "page"
        if call == "page" and seen in (20, 45):
            raise Unreachable("on command")

    inner.before = break_now_and_then
    assert [one.name for one in store.list("config")] == names
    assert inner.count("list") == 3


def test_a_store_that_fails_in_a_row_is_left_alone(inner: MemoryStore, store: Retrying, clock: Clock) -> None:
    """After so many failures in a row nothing is asked for a while, and every call fails at once, with the reason."""
    inner.before = failing(1000)
    for _ in range(3):
        with pytest.raises(Unreachable):
            store.now()
    calls, slept = inner.count("now"), len(clock.slept)
    assert calls == 10
    for call in (store.now, lambda: store.read(BADGE), lambda: store.create(BADGE, [b"1"])):
        with pytest.raises(
            Unreachable, match=r"on command \(it failed 10 times in a row, it is left alone for 60 seconds"
        ):
            call()
    assert (len(clock.slept), len(inner.calls)) == (slept, 10)


def test_one_call_goes_ahead_after_the_rest(inner: MemoryStore, store: Retrying, clock: Clock) -> None:
    """After the rest one call tries the store: if it fails the rest begins anew, if it is answered all go on."""
    inner.before = failing(11)
    for _ in range(3):
        with pytest.raises(Unreachable):
            store.now()
    clock.now += 61
    with pytest.raises(Unreachable):
        store.now()
    assert inner.count("now") == 11
    with pytest.raises(Unreachable):
        store.now()
    assert inner.count("now") == 11
    clock.now += 61
    store.now()
    inner.before = failing(3)
    store.now()


def test_an_answer_between_failures_counts(inner: MemoryStore, store: Retrying) -> None:
    """Failures with answers between them, be they no, are not in a row."""
    for _ in range(10):
        inner.before = failing(3)
        with pytest.raises(Missing):
            store.read(BADGE)
    assert inner.count("read") == 40


def test_locks_are_where_they_are() -> None:
    """A store around one that locks locks too, as often as it is asked; one around another doesn't seem to."""
    inner, clock = LockingStore(), Clock()
    store = Retrying(inner, clock=clock, sleep=clock.sleep)
    assert isinstance(store, Locking)
    assert not isinstance(Retrying(MemoryStore()), Locking)
    inner.before = failing(2)
    store.lock_until(BADGE, 5)
    inner.before = failing(2)
    assert store.locked_until(BADGE) == 5
    assert isinstance(Retrying(Retrying(inner)), Locking)
