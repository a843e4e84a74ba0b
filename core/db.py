"""What every model and every read stands on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, models, transaction

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL keeps in no text: NUL, and halves of characters."""

_after_read: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_read", default=None)


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
    if _after_read.get() is not None:
        yield
        return
    waiting: list[Callable[[], None]] = []
    mark = _after_read.set(waiting)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            yield
    finally:
        _after_read.reset(mark)
        for act in waiting:
            act()


def after_read(act: Callable[[], None]) -> None:
    """Do this now, or at the end of the read-only block that we are in."""
    waiting = _after_read.get()
    if waiting is None:
        act()
    else:
        waiting.append(act)
