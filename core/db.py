"""What every model and every read stands on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection, models, transaction

UNSTORABLE = re.compile("[\0\ud800-\udfff\u202d\u202e]")
"""What no text here holds: NUL and halves of characters, which PostgreSQL doesn't keep, and the signs that turn the
order of reading around, by which one name passes for another."""

T = TypeVar("T")


@dataclass
class Reading:
    """What goes with one read-only block."""

    after: list[Callable[[], None]] = field(default_factory=list)
    known: dict[Hashable, Any] = field(default_factory=dict)


_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


class Record(models.Model):
    """A row that has an address of its own: its key can't be guessed and tells nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


@contextmanager
def read_only() -> Iterator[None]:
    """Inside, PostgreSQL refuses every write, also those hidden in functions.

    What was put off with `after_read` (the journal of the reading) is done once the block has ended well or badly.
    """
    if _reading.get() is not None:
        yield
        return
    reading = Reading()
    mark = _reading.set(reading)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            yield
    finally:
        _reading.reset(mark)
        for act in reading.after:
            act()


def after_read(act: Callable[[], None]) -> None:
    """Do this now, or at the end of the read-only block that we are in."""
    reading = _reading.get()
    if reading is None:
        act()
    else:
        reading.after.append(act)


def once(question: Hashable, ask: Callable[[], T]) -> T:
    """The answer, asked once in a read-only block; where something may change meanwhile, each time."""
    reading = _reading.get()
    if reading is None:
        return ask()
    if question not in reading.known:
        reading.known[question] = ask()
    answer: T = reading.known[question]
    return answer
