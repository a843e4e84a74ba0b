"""A store that is used no faster than it may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock

from backup.engine.format.cipher import Bytes
from backup.engine.stores.base import Store
from backup.engine.stores.rates import Schedule
from backup.engine.stores.wrapped import Wrapper

SLICE = 64 << 10
"""Bytes asked for at once: what is large waits in many short pauses, between which others get their share."""
SHORTEST, LONGEST = 0.001, 5.0
"""Seconds of one pause: not so few that clocks don't see them, and then it is seen whether another rate applies now."""


class Bucket:
    """Fills with the bytes that a rate allows, up to those of a second; shared by all threads."""

    def __init__(
        self, rate: Callable[[], float | None], clock: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        self._rate, self._clock, self._sleep = rate, clock, sleep
        self._lock = Lock()
        self._level = 0.0
        self._seen = clock()

    def take(self, count: int) -> None:
        """Wait until so many bytes may flow."""
        while count > 0:
            pause = self._take(min(count, SLICE))
            if pause:
                self._sleep(pause)
            else:
                count -= SLICE

    def wait(self) -> None:
        """Wait until bytes may flow at all."""
        while pause := self._take(0):
            self._sleep(pause)

    def owe(self, count: int) -> None:
        """Count bytes that flowed already: who comes next waits for them. Less than none were fewer than were taken."""
        with self._lock:
            self._level -= count

    def _take(self, count: int) -> float:
        """Take them and return 0, or return how long to wait before the next try."""
        with self._lock:
            now, rate = self._clock(), self._rate()
            passed, self._seen = max(now - self._seen, 0.0), now  # clocks are set back
            if rate is None:
                self._level = 0.0
                return 0.0
            self._level = min(self._level + passed * rate, rate)
            if rate and self._level >= 0:
                self._level -= count
                return 0.0
            return min(max(-self._level / rate, SHORTEST), LONGEST) if rate else LONGEST


class Limited(Wrapper):
    """Waits before it sends and before it asks for more, so that no more flows than the schedule allows."""

    def __init__(
        self,
        store: Store,
        schedule: Schedule,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        super().__init__(store)
        self._up = Bucket(schedule.of("upload", clock), clock, sleep)
        self._down = Bucket(schedule.of("download", clock), clock, sleep)

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        self._up.take(sum(len(part) for part in parts))
        self.store.create(name, parts, urgent=urgent)

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        if length is None:
            self._down.wait()
        else:
            self._down.take(length)
        data = self.store.read(name, offset, length)
        self._down.owe(len(data) - (length or 0))
        return data
