"""`manage.py scheduler`: what must be done again and again, in one quiet process. Several of them do no harm."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from django.utils.module_loading import import_string

from core import tool
from core.audit import sealing, signing
from core.context import Context, current
from core.errors import place_of
from core.jobs import schedules, sweeping
from core.jobs.timing import TIMING

logger = logging.getLogger(__name__)


Duty = tuple[float, Callable[[], Any]]
"""Every how many seconds, and what."""

DUTIES: tuple[Duty, ...] = (
    (2, sealing.seal),
    (TIMING.sweep.total_seconds(), sweeping.sweep),
    (60, schedules.tick),
    (300, signing.sign),
)


def duties() -> list[Duty]:
    """With what each room has to do, at its own pace or once a day."""
    declared = ((seconds, name) for room in tool.rooms() for name, seconds in room.duties.items())
    upkeep = ((24 * 3600, name) for room in tool.rooms() for name in room.upkeep)
    return [*DUTIES, *((seconds, import_string(name)) for seconds, name in (*declared, *upkeep))]


class Command(BaseCommand):
    help = "Seal and sign the audit trail, look after the jobs, start what is scheduled; until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do each duty once and end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        current.set(Context(channel="system"))
        if once:
            done = [attempt(act) for _seconds, act in duties()]
            if not all(done):
                raise CommandError(f"{done.count(False)} of {len(done)} duties failed: the log says which and where.")
            return
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: over.set())
        self.stdout.write("The scheduler is at work.")
        watch(over, duties())
        self.stdout.write("The scheduler has stopped.")


def watch(over: threading.Event, duties: Sequence[Duty]) -> None:
    """Do each duty when it is due, until told that it is over. A duty that fails is due again as if it had not."""
    due = {act: time.monotonic() for _seconds, act in duties}
    while not over.is_set():
        for seconds, act in duties:
            if time.monotonic() >= due[act] and not over.is_set():
                attempt(act)
                due[act] = time.monotonic() + seconds
        over.wait(max(0, min(due.values()) - time.monotonic()))


def attempt(act: Callable[[], Any]) -> bool:
    """Do a duty, and say whether it was done. One that fails, whatever the cause, stops no other."""
    try:
        act()
    except Exception as error:
        where = f"{act.__module__}.{act.__qualname__}"
        logger.error("%s failed: %s at %s", where, type(error).__qualname__, place_of(error))
        return False
    finally:
        close_old_connections()
    return True
