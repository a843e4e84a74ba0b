"""What becomes of an object whose keeping broke off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backup.engine.errors import AlreadyThere, Unreachable
from backup.engine.format import layout
from backup.engine.stores import placing
from backup.engine.stores.placing import Broken, Placing, twice
from tests.backup.stores.memory import MemoryStore

BADGE = layout.badge_name(bytes(16))


@given(parts=st.lists(st.binary(max_size=5), max_size=5), data=st.binary(max_size=20))
def test_bytes_are_compared_part_by_part(parts: list[bytes], data: bytes) -> None:
    """An object is the same where its bytes are those of the parts in a row: no more, no fewer, no others."""
    whole = b"".join(parts)
    assert placing.is_equal(whole, parts)
    assert placing.is_equal(data, parts) == (data == whole)
    assert placing.is_equal(whole + b"\0", [memoryview(part) for part in parts]) is False


def test_what_is_not_there_is_not_held() -> None:
    """A store holds what is there under that name, with those bytes."""
    store = MemoryStore()
    assert not placing.holds(store, BADGE, [b"1"])
    store.create(BADGE, [b"1"])
    assert placing.holds(store, BADGE, [b"1"])
    assert not placing.holds(store, BADGE, [b"2"])


def raising(*errors: Exception | None) -> Callable[[], None]:
    left = list(errors)

    def act() -> None:
        if (error := left.pop(0)) is not None:
            raise error

    return act


def test_a_first_collision_is_anothers() -> None:
    """Who finds a name taken at the first try didn't take it, whatever lies there."""
    with pytest.raises(AlreadyThere):
        Placing(raising(AlreadyThere(BADGE)), lambda: True)()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_collision_after_a_break_is_looked_at(is_there: bool) -> None:
    """After a break what is there decides: one's own object is placed, another's is a collision."""
    looks = iter([False, is_there])
    place = Placing(raising(Broken("lost"), AlreadyThere(BADGE)), lambda: next(looks))
    with pytest.raises(Broken):
        place()
    if is_there:
        place()
    else:
        with pytest.raises(AlreadyThere):
            place()


def test_only_a_broken_connection_is_tried_again_at_once() -> None:
    """What broke off is tried once more; what can't be reached is left to who knows how long to wait."""
    twice(raising(Broken("lost"), None))
    with pytest.raises(Broken, match="again"):
        twice(raising(Broken("lost"), Broken("lost again")))
    with pytest.raises(Unreachable, match="away"):
        twice(raising(Unreachable("away"), None))
