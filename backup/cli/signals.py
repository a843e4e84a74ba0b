"""SIGINT and SIGTERM end a command as if it had failed where it was: what is open is closed, then we go."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from backup.cli.codes import Exit
from backup.cli.failures import Interrupted

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SAME = 1.0
"""Seconds in which a second signal is the first once more: a terminal and `timeout` tell the whole group."""
_asked: list[float] = []


def listen() -> None:
    for one in _heard():
        signal.signal(one, _end)


@contextmanager
def awaited() -> Iterator[Callable[[], object]]:
    """For what works until it is told to end: gives what waits for that. To be entered before threads are started."""
    ending = _heard()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        yield lambda: signal.sigwait(ending)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _heard() -> list[signal.Signals]:
    return [one for one in _ENDING if signal.getsignal(one) is not signal.SIG_IGN]  # as nohup has it


def _end(number: int, _frame: FrameType | None) -> None:
    """Once politely; asked again we go at once, which harms no repository."""
    now = time.monotonic()
    if not _asked:
        _asked.append(now)
        raise Interrupted(number)
    if now - _asked[0] > _SAME:
        os._exit(Exit.INTERRUPTED)
