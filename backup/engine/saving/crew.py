"""Threads that work while one walks: bounded in what waits for them, and none fails in silence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_LOOK_UP = 0.25
"""Seconds after which whoever waits may report."""


class Crew:
    def __init__(self, workers: int, most: int, meanwhile: Callable[[], None]) -> None:
        """`most` bytes may wait for the workers; `meanwhile` is called now and then by who waits, and may raise."""
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="backup")
        self._most, self._meanwhile = most, meanwhile
        self._change = threading.Condition()
        self._waiting = 0
        self._failure: BaseException | None = None

    def give(self, cost: int, work: Callable[..., None], *arguments: Any) -> None:
        """Give work to a thread once there is room for its bytes. Raises what a worker raised."""
        self._wait_until(lambda: not self._waiting or self._waiting + cost <= self._most)
        with self._change:
            self._waiting += cost
        self._threads.submit(self._work, cost, work, arguments)

    def finish(self) -> None:
        """Wait until everything is done. Raises what a worker raised."""
        self._wait_until(lambda: not self._waiting)
        self._threads.shutdown()

    def close(self) -> None:
        """Drop what hasn't begun, and wait for the rest."""
        self._threads.shutdown(cancel_futures=True)

    def _work(self, cost: int, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        try:
            if self._failure is None:
                work(*arguments)
        except BaseException as error:  # raised again in the caller's thread
            self._failure = self._failure or error
        finally:
            with self._change:
                self._waiting -= cost
                self._change.notify_all()

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        while True:
            with self._change:
                if not ready() and self._failure is None:
                    self._change.wait(_LOOK_UP)
                failure, over = self._failure, ready()
            if failure is not None:
                raise failure
            if over:
                return
            self._meanwhile()
