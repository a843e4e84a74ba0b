"""A journal that is written, committed and sealed as in life."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from core import audit
from core.audit import sealing
from core.audit.models import Anchor, Checkpoint, Event, Link, Segment

TABLES = [model._meta.db_table for model in (Event, Link, Checkpoint, Segment, Anchor)]


@pytest.fixture(autouse=True)
def own_heads(settings: Any, tmp_path: Path) -> None:
    """Each test keeps its signed heads in a folder of its own."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def sealed(transactional_db: None) -> None:
    """Twenty events, sealed."""
    for number in range(20):
        audit.record(None, "audit.journal_read", number=number)
    sealing.seal()


@pytest.fixture
def superuser(transactional_db: None) -> Callable[[str, Any], None]:
    """Somebody who owns the database and first gets the triggers out of his way."""

    def superuser(statement: str, *values: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for act, then in (("DISABLE", (statement, values)), ("ENABLE", ("SELECT", ()))):
                for table in TABLES:
                    cursor.execute(f"ALTER TABLE {table} {act} TRIGGER USER")
                cursor.execute(*then)

    return superuser
