"""What the scheduler does beside everything else: a store that is slow or away must not keep it from the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Thread
from typing import TYPE_CHECKING

from django.db import connections

from core.errors import place_of

if TYPE_CHECKING:
    from backup.models import Repository

logger = logging.getLogger(__name__)

ABREAST = 4
"""Repositories looked at at the same time."""
_going: dict[str, Thread] = {}
_lock = Lock()


def aside(name: str, work: Callable[[], object]) -> Thread:
    """Have this done in a thread, unless what was begun under this name before still goes on."""
    with _lock:
        if (before := _going.get(name)) is None or not before.is_alive():
            _going[name] = Thread(target=_apart, args=(work,), name=f"backup {name}")
            _going[name].start()
        return _going[name]


def each(act: Callable[[Repository], None], rows: Sequence[Repository]) -> None:
    """Do it for some at a time. One that is slow or fails hinders no other."""
    with ThreadPoolExecutor(ABREAST) as pool:
        list(pool.map(lambda row: _apart(lambda: attempt(act, row)), rows))


def attempt(act: Callable[[Repository], None], row: Repository) -> None:
    """Do it for one. What hinders it is logged."""
    try:
        act(row)
    except Exception as error:
        logger.error(
            "%s of repository %s failed: %s at %s", act.__name__, row.pk, type(error).__qualname__, place_of(error)
        )


def _apart(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connections.close_all()
