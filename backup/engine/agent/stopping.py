"""A store that is used no more once somebody asked that the work be stopped: not even what waits its turn is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from backup.engine.errors import BackupError
from backup.engine.format.cipher import Bytes
from backup.engine.stores.base import Listed, Store
from backup.engine.stores.wrapped import Wrapper

T = TypeVar("T")

LOOK_UP = 0.5
"""Seconds of waiting after which it is seen whether it is to go on.

It is looked for and not waited for: a signal sets it, and to set an event there may wait for ever for a lock that
the interrupted thread holds.
"""


class StopAsked(BackupError):
    """Somebody asked that the run be stopped."""


class Stoppable(Wrapper):
    """`stopped` is asked before each call."""

    def __init__(self, store: Store, stopped: Callable[[], bool]) -> None:
        super().__init__(store)
        self._stopped = stopped

    def through(self, action: Callable[[], T]) -> T:
        check(self._stopped)
        return action()

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        check(self._stopped)
        self.store.create(name, parts, urgent=urgent)

    def list(self, prefix: str) -> Iterator[Listed]:
        check(self._stopped)
        return self.store.list(prefix)


def check(stopped: Callable[[], bool]) -> None:
    """Raises StopAsked."""
    if stopped():
        raise StopAsked("somebody asked that it be stopped")


def sleeping(stopped: Callable[[], bool]) -> Callable[[float], None]:
    """How a store that is used slowly waits: it gives up once it is to be used no more. Raises StopAsked."""

    def sleep(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            check(stopped)
            time.sleep(min(left, LOOK_UP))

    return sleep
