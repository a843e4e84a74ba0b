"""The pulse of a running job: renews its lease, carries its progress to the row, and hears when it must stop."""

from __future__ import annotations

import logging
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from django.db import DatabaseError, close_old_connections, connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from core.jobs import live
from core.jobs.models import Job
from core.jobs.stops import Cancelled, Stop, Superseded, TimeLimit
from core.jobs.timing import TIMING

if TYPE_CHECKING:
    from datetime import timedelta

logger = logging.getLogger(__name__)


class Pulse:
    """Beats in a thread with a connection of its own, so that a task's open transaction hides no progress.

    Every write names the attempt: once another worker has the job, it changes nothing and the task is told to stop.
    Without a thread (in tests, in commands) it beats when the task reports.
    """

    def __init__(self, job: Job, limit: timedelta, *, threaded: bool) -> None:
        self.job_id, self.attempt = job.pk, job.attempts
        self.deadline = time.monotonic() + limit.total_seconds()
        self.stop: type[Stop] | None = None
        self._told_at = 0.0
        self._news: dict[str, Any] = {}
        self._written_at = 0.0
        self._lock = threading.Lock()
        self._wake, self._over = threading.Event(), threading.Event()
        self._task_thread = threading.get_ident()
        self._thread = threading.Thread(target=self._loop, name=f"pulse-{job.pk}", daemon=True) if threaded else None

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with self._lock:  # from here on, no interruption is sent
            self._over.set()
        self._wake.set()
        if self._thread:
            self._thread.join()

    @property
    def row(self) -> QuerySet[Job]:
        """The row, while this attempt has it."""
        return Job.objects.filter(pk=self.job_id, attempts=self.attempt, state=Job.State.RUNNING)

    def report(self, **news: Any) -> None:
        """Have this written soon; raises what the job was told in the meantime."""
        with self._lock:
            self._news |= news
        if self._thread is None:
            self.beat()
        elif time.monotonic() - self._written_at >= TIMING.report.total_seconds():
            self._wake.set()
        self.listen()

    def listen(self) -> None:
        """Raises Cancelled, Superseded or TimeLimit once the job must stop."""
        if self.stop is None and time.monotonic() > self.deadline:
            self.stop = TimeLimit
        if self.stop is not None:
            raise self.stop

    def last_news(self) -> dict[str, Any]:
        """What was reported and not yet written: it goes into the row with the end of the job."""
        return self._news

    def beat(self) -> None:
        with self._lock:
            news, self._news = self._news, {}
        try:
            held = self.row.update(lease_until=Now() + TIMING.lease, **news)
            asked = held and self.row.values_list("cancel_asked_at", flat=True).first()
        except DatabaseError:
            with self._lock:
                self._news = news | self._news
            raise
        self._written_at = time.monotonic()
        if not held:
            self._tell(Superseded)
        elif asked:
            self._tell(Cancelled)
        if news:
            live.changed(self.job_id)

    def _tell(self, stop: type[Stop]) -> None:
        if self.stop is None:
            self.stop, self._told_at = stop, time.monotonic()

    def _loop(self) -> None:
        try:
            while not self._over.is_set():
                try:
                    self.beat()
                except DatabaseError as error:  # PostgreSQL restarts: the lease outlives that, or it passes on
                    logger.warning("job %s: the lease could not be renewed (%s)", self.job_id, type(error).__name__)
                    close_old_connections()
                self._wake.clear()
                if self._over.is_set():
                    break
                woken = self._wake.wait(TIMING.beat.total_seconds())
                if woken and not self._over.is_set():
                    self._over.wait(self._written_at + TIMING.report.total_seconds() - time.monotonic())
                self._interrupt()
        finally:
            connection.close()

    def _interrupt(self) -> None:
        """Break into a task that was told to stop and doesn't report, with the signal Celery uses for its limits."""
        if self.stop is None or time.monotonic() - self._told_at < TIMING.patience.total_seconds():
            return
        with self._lock:
            if not self._over.is_set() and callable(signal.getsignal(signal.SIGUSR1)):
                signal.pthread_kill(self._task_thread, signal.SIGUSR1)
