"""`manage.py scheduler`: what must be done again and again, in one quiet process. Several of them do no harm."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections
from django.utils.module_loading import import_string

from core import tool
from core.audit import sealing, signing
from core.context import Context, current
from core.jobs import schedules, sweeping
from core.jobs.timing import TIMING

logger = logging.getLogger(__name__)


def tidy_up() -> None:
    """What each app has to do once a day."""
    for room in tool.rooms():
        for name in room.upkeep:
            import_string(name)()


DUTIES: tuple[tuple[float, Callable[[], Any]], ...] = (
    (2, sealing.seal),
    (TIMING.sweep.total_seconds(), sweeping.sweep),
    (60, schedules.tick),
    (300, signing.sign),
    (24 * 3600, tidy_up),
)
"""Every how many seconds, and what."""


class Command(BaseCommand):
    help = "Seal and sign the audit trail, look after the jobs, start what is scheduled; until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do each duty once and end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        current.set(Context(channel="system"))
        if once:
            for _seconds, act in DUTIES:
                act()
            return
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: over.set())
        self.stdout.write("The scheduler is at work.")
        watch(over)
        self.stdout.write("The scheduler has stopped.")


def watch(over: threading.Event) -> None:
    """Do each duty when it is due, until told that it is over. A duty that fails is due again as if it had not."""
    due = {act: time.monotonic() for _seconds, act in DUTIES}
    while not over.is_set():
        for seconds, act in DUTIES:
            if time.monotonic() >= due[act] and not over.is_set():
                attempt(act)
                due[act] = time.monotonic() + seconds
        over.wait(max(0, min(due.values()) - time.monotonic()))


def attempt(act: Callable[[], Any]) -> None:
    """PostgreSQL may be away for a while: what can't be done now is done next time."""
    try:
        act()
    except (Error, OSError) as error:
        logger.warning("%s.%s failed (%s)", act.__module__, act.__qualname__, type(error).__name__)
    finally:
        close_old_connections()
