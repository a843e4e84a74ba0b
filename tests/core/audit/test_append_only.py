"""The journal is appended to and never changed, and PostgreSQL itself sees to it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from core import audit
from core.audit.models import Anchor, Checkpoint, Event, Link, Segment
from core.db import read_only

TABLES = [model._meta.db_table for model in (Event, Link, Checkpoint, Segment, Anchor)]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_nothing_is_changed_or_taken_away(db: None, table: str, statement: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused on every table of the journal, even where they would touch no row."""
    column = {Link._meta.db_table: "sequence", Segment._meta.db_table: "number"}.get(table, "id")
    statement = statement.replace("id = id", f"{column} = {column}")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_an_event_goes_with_its_act(transactional_db: None) -> None:
    """What was rolled back has no event."""
    with transaction.atomic():
        audit.record(None, "audit.journal_read")
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_a_reading_is_recorded_after_it(transactional_db: None) -> None:
    """Inside a read-only block nothing can be written: the event of the reading follows it."""
    with read_only():
        audit.record(None, "audit.journal_read")
        assert not Event.objects.exists()
    assert Event.objects.get().action == "audit.journal_read"
