"""A store that doesn't give up at once, and doesn't hammer at a closed door either."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from secrets import SystemRandom
from threading import Lock
from typing import TypeVar

from backup.engine.errors import BackupError, Unreachable
from backup.engine.format.cipher import Bytes
from backup.engine.stores import placing
from backup.engine.stores.base import Listed, Store
from backup.engine.stores.placing import Placing
from backup.engine.stores.wrapped import Wrapper

T = TypeVar("T")

TRIES = 5
FIRST, LONGEST = 0.5, 60.0
"""Seconds of the first pause, at most; each further one may be twice as long as the one before, up to the longest."""
IN_A_ROW, REST = 25, 120.0
"""After so many failed tries in a row, by whatever thread, nothing is tried for so many seconds."""
_CHANCE = SystemRandom().random


class Breaker:
    """Knows when a store has failed so often that it had better be left alone for a while."""

    def __init__(self, in_a_row: int, rest: float, clock: Callable[[], float]) -> None:
        self._in_a_row, self._rest, self._clock = in_a_row, rest, clock
        self._lock = Lock()
        self._failed = 0
        self._why = ""
        self._until = 0.0

    def check(self) -> None:
        """Raises Unreachable while the store rests. Then one call goes ahead, and the others once it was answered."""
        with self._lock:
            if self._failed < self._in_a_row:
                return
            left = self._until - self._clock()
            if left > 0:
                words = f"it failed {self._failed} times in a row, it is left alone for {left:.0f} seconds"
                raise Unreachable(f"{self._why} ({words})")
            self._until = self._clock() + self._rest

    def failed(self, error: Unreachable) -> None:
        with self._lock:
            self._failed += 1
            self._why = str(error)
            if self._failed >= self._in_a_row:
                self._until = self._clock() + self._rest

    def answered(self) -> None:
        with self._lock:
            self._failed = 0


class Retrying(Wrapper):
    """Asks again, after longer and longer pauses, where the store can't be reached; every other answer is final."""

    def __init__(
        self,
        store: Store,
        *,
        tries: int = TRIES,
        in_a_row: int = IN_A_ROW,
        rest: float = REST,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = _CHANCE,
    ) -> None:
        super().__init__(store)
        self._tries, self._sleep, self._chance = tries, sleep, chance
        self._breaker = Breaker(in_a_row, rest, clock)

    def through(self, action: Callable[[], T]) -> T:
        for done in range(1, self._tries):
            try:
                return self._once(action)
            except Unreachable:
                self._breaker.check()
            self._sleep(self._pause(done))
        return self._once(action)

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        self.through(
            Placing(
                lambda: self.store.create(name, parts, urgent=urgent), lambda: placing.holds(self.store, name, parts)
            )
        )

    def list(self, prefix: str) -> Iterator[Listed]:
        """From the beginning where it breaks off, without what was already given out."""
        given: set[str] = set()
        found = iter(self.store.list(prefix))

        def next_one() -> Listed | None:
            nonlocal found
            try:
                return next((one for one in found if one.name not in given), None)
            except Unreachable:
                found = iter(self.store.list(prefix))
                raise

        while (one := self.through(next_one)) is not None:
            given.add(one.name)
            yield one

    def _once(self, action: Callable[[], T]) -> T:
        self._breaker.check()
        try:
            result = action()
        except Unreachable as error:
            self._breaker.failed(error)
            raise
        except BackupError:
            self._breaker.answered()
            raise
        self._breaker.answered()
        return result

    def _pause(self, done: int) -> float:
        """Between half and all of what is due, so that those who failed together don't come back together."""
        return min(LONGEST, FIRST * 2.0 ** (done - 1)) * (0.5 + self._chance() / 2)
