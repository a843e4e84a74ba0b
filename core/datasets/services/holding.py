"""Keep a dataset, which may not be there yet, from others until the transaction ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from core.access.models import Project


def hold(project: Project, name: str, *, together: bool = False) -> None:
    """Alone, or `together` with others who only mark it."""
    lock = "pg_advisory_xact_lock_shared" if together else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtextextended(%s, 0))", [f"dataset {project.pk} {name}"])
