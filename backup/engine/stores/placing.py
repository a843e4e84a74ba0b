"""An object on its way to a store: what a try that broke off left behind is looked for, not guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from backup.engine.errors import AlreadyThere, Missing, Unreachable
from backup.engine.format.cipher import Bytes
from backup.engine.stores.base import Store

T = TypeVar("T")


class Broken(Unreachable):
    """The connection broke off; another one may be had at once."""


@runtime_checkable
class Comparing(Protocol):
    """A store that can compare an object with bytes also for those who may not read it."""

    def holds(self, name: str, parts: Sequence[Bytes]) -> bool:
        """Whether an object of this name is in the store and is these parts in a row."""


def holds(store: Store, name: str, parts: Sequence[Bytes]) -> bool:
    """Whether an object of this name is in the store and is these parts in a row."""
    if isinstance(store, Comparing):
        return store.holds(name, parts)
    try:
        return is_equal(store.read(name), parts)
    except Missing:
        return False


def is_equal(data: Bytes, parts: Sequence[Bytes]) -> bool:
    """Whether data are these parts in a row."""
    rest = memoryview(data)
    for part in parts:
        if rest[: len(part)] != part:
            return False
        rest = rest[len(part) :]
    return not rest


class Placing:
    """Place one object, over as many tries as it takes; what is there after a broken try, byte for byte, is placed."""

    def __init__(self, place: Callable[[], None], is_there: Callable[[], bool]) -> None:
        self._place, self._is_there = place, is_there
        self._doubtful = False

    def __call__(self) -> None:
        """Try once. Raises AlreadyThere for what somebody else placed, and Unreachable where it broke off."""
        if self._doubtful and self._is_there():
            return
        try:
            self._place()
        except Unreachable:
            self._doubtful = True
            raise
        except AlreadyThere:
            # A request that seemed lost may arrive after the look above: then it is this one that found its own work.
            if not self._doubtful or not self._is_there():
                raise


def twice(action: Callable[[], T]) -> T:
    """Once more where the connection broke: one that was idle for long often is, and nobody knew."""
    try:
        return action()
    except Broken:
        return action()
