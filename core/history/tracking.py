"""The triggers on the tables that the rooms want to keep the history of, brought up to what the code says."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from core import tool
from core.history.database import TRIGGERS
from core.tool import Finding, Level
from core.vault.fields import sealed_fields


def arguments(tracked: tool.Tracked) -> tuple[str, ...]:
    """What the trigger of a model is told: its name, its key, what is never shown, what alone is no change."""
    model: type[models.Model] = apps.get_model(tracked.model)
    columns = {field.name: str(field.column) for field in model._meta.local_concrete_fields}
    sealed = {str(field.column) for field in sealed_fields() if field.model is model}
    secret = sealed | {columns[name] for name in tracked.secret}
    passing = {columns[name] for name in tracked.passing}
    return (model._meta.label_lower, str(model._meta.pk.column), ",".join(sorted(secret)), ",".join(sorted(passing)))


def wanted() -> dict[str, tuple[str, ...]]:
    """Table -> arguments of its trigger, for everything that is tracked."""
    return {apps.get_model(each.model)._meta.db_table: arguments(each) for each in tool.tracked()}


def installed() -> dict[str, tuple[str, ...]]:
    """Table -> arguments of its trigger, as PostgreSQL has it."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS)
        return {table: tuple(bytes(given).decode().split("\0")[:-1]) for table, given in cursor.fetchall()}


def is_there() -> bool:
    """Whether the function that the triggers call is there: it isn't when this room's migration was taken back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regproc('history_keep') IS NOT NULL")
        (there,) = cursor.fetchone()
    return bool(there)


@transaction.atomic
def install(**_signal: Any) -> None:
    """After each migration. The trigger waits for the end of the transaction, when its audit event is there too."""
    there = installed()
    for table, given in wanted().items() if is_there() else ():
        if there.get(table) == given:
            continue
        name = sql.Identifier(table)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TRIGGER IF EXISTS keeps_history ON {}").format(name))
            cursor.execute(
                sql.SQL(
                    "CREATE CONSTRAINT TRIGGER keeps_history AFTER INSERT OR UPDATE OR DELETE ON {} "
                    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION history_keep({})"
                ).format(name, sql.SQL(", ").join(map(sql.Literal, given)))
            )


def health() -> Finding:
    """Whether every table that should keeps its history."""
    asks = _("Changes of who may do what are kept by PostgreSQL itself.")
    there = installed()
    if missing := sorted(table for table, given in wanted().items() if there.get(table) != given):
        message = _("The history of these tables isn’t kept: %(tables)s. Run «manage.py migrate».")
        return Finding("history.triggers", Level.FAILED, message % {"tables": ", ".join(missing)}, asks)
    return Finding("history.triggers", Level.GOOD, asks=asks)
