"""Seal anew, under the newest key of a project or of the instance itself, what older versions sealed; then let them go.

Rows are taken in pieces, while others read and write: a value is replaced only if it is still the one that was read.
Nothing is noted of how far it came, for what is left to do can be seen: whatever stops it, it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from django.db import connection, transaction
from django.db.models import BinaryField, Count, F, Q, QuerySet
from django.db.models.functions import Now, Substr
from django.utils import timezone
from psycopg import sql

from core import audit
from core.access.models import Project
from core.vault import engine, keys, mfa
from core.vault.engine import Unopenable
from core.vault.fields import Sealed, SealedField, may_be_of_the_instance, sealed_fields
from core.vault.models import ProjectKey
from core.vault.services import data_keys, hold

if TYPE_CHECKING:
    import uuid

PIECE = 500
STRAGGLERS = 5_000
"""Values that the scheduler seals anew by itself; more are a job's work."""
SETTLED = timedelta(seconds=2 * keys.SECONDS)
"""How long after a renewal every process has forgotten the former key as the one to seal with."""


@dataclass
class Progress:
    """What a piece came to. `last` is where the next one begins."""

    last: Any = None
    rows: int = 0
    unopenable: int = 0


waits: list[Callable[[int], int]] = []
"""What rooms above keep sealed under the instance's key for a while: how many that another version than this sealed."""


def fields_of(project_id: uuid.UUID | None) -> list[SealedField]:
    """The fields whose values keys of projects seal, or the instance's own key; those of both are in either list."""
    if project_id is None:
        return [field for field in sealed_fields() if may_be_of_the_instance(field)]
    return [field for field in sealed_fields() if field.project is not None]


def left(field: SealedField, project_id: uuid.UUID | None, version: int) -> QuerySet[Any]:
    """The rows of a project, or of the instance, in which another version than this sealed the field."""
    header = engine.header_of(version)
    rows = field.model._base_manager.filter(**{f"{field.name}__isnull": False})
    if field.project is not None:
        rows = rows.filter(**{field.project: project_id})
    head = Substr(F(field.name), 1, len(header), output_field=BinaryField())
    found: QuerySet[Any] = rows.annotate(sealed_head=head).exclude(sealed_head=header).exclude(sealed_head=b"")
    return found


def count_left(project: Project | None) -> int:
    """How many values older versions of the project's key hold; None: of the instance's."""
    project_id = project.pk if project else None
    version = keys.newest(project_id).current.version
    count = sum(left(field, project_id, version).count() for field in fields_of(project_id))
    return count if project else count + len(mfa.left(version))


def reseal(field: SealedField, project_id: uuid.UUID | None, after: Any = None, piece: int = PIECE) -> Progress:
    """Seal one piece of a field anew, in a transaction of its own. `rows` is 0 once there is nothing after `after`."""
    held = keys.newest(project_id)
    rows = left(field, project_id, held.current.version).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    done, changes = Progress(), []
    for pk, value in rows.values_list("pk", field.name)[:piece]:
        done.last, done.rows = pk, done.rows + 1
        old, bound_to = value.value if isinstance(value, Sealed) else bytes(value), field.binding(pk, project_id)
        try:
            clear = engine.open_sealed(held.by_version, old, bound_to)
        except Unopenable:
            done.unopenable += 1
            continue
        changes.append((engine.seal(held.current, clear, bound_to), pk, old))
    if changes:
        table, column = field.model._meta.db_table, field.column
        statement = sql.SQL("UPDATE {} SET {} = %s WHERE {} = %s AND {} = %s").format(
            *(sql.Identifier(str(name)) for name in (table, column, field.model._meta.pk.column, column))
        )
        with transaction.atomic(), triggers_aside(table), connection.cursor() as cursor:
            cursor.executemany(statement.as_string(cursor.connection), changes)
    return done


@contextmanager
def triggers_aside(table: str, act: Literal["UPDATE", "DELETE"] = "UPDATE") -> Iterator[None]:
    """In this transaction, the table's own triggers let a value be sealed anew, or a project's rows be erased.

    Also where rows never change. PostgreSQL locks the table against other writers meanwhile, so that nobody else writes
    without them.
    """
    bit = {"DELETE": 8, "UPDATE": 16}[act]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled = 'O'"
            " AND tgtype & %s <> 0",
            [sql.Identifier(table).as_string(cursor.connection), bit],
        )
        names = [name for (name,) in cursor.fetchall()]
        if names:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL lock_timeout = '5s'")
        for name in names:
            cursor.execute(switched(table, name, "DISABLE").as_string(cursor.connection))
        yield
        for name in names:
            cursor.execute(switched(table, name, "ENABLE").as_string(cursor.connection))


def switched(table: str, trigger: str, act: str) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} {} TRIGGER {}").format(sql.Identifier(table), sql.SQL(act), sql.Identifier(trigger))


def reseal_all(project: Project | None) -> Iterator[Progress]:
    """Every piece of every field, one after the other; of the instance, the second factors too."""
    project_id = project.pk if project else None
    for field in fields_of(project_id):
        after = None
        while (done := reseal(field, project_id, after)).rows:
            after = done.last
            yield done
    if project is None:
        yield Progress(rows=mfa.reseal(keys.newest(None).current.version))


def settled(newest: ProjectKey) -> bool:
    """Whether nobody can still be about to store what the former version sealed.

    Every process has forgotten it, and no transaction goes on that began before: its rows would not be seen yet.
    """
    if newest.created_at > timezone.now() - SETTLED:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND xact_start < %s",
            [newest.created_at + timedelta(seconds=keys.SECONDS)],
        )
        (older,) = cursor.fetchone()
    return not older


def in_renewal() -> list[Project | None]:
    """The projects whose key has a former version that lives still; None where the instance's own has."""
    living = Q(keys__destroyed_at=None, keys__purpose=ProjectKey.Purpose.DATA)
    found: list[Project | None] = list(
        Project.objects.annotate(living=Count("keys", filter=living)).filter(living__gt=1)
    )
    return [*found, None] if data_keys(None).filter(destroyed_at=None).count() > 1 else found


def finish_renewals() -> int:
    """Seal anew what slipped in while keys were renewed, destroy what nothing needs; gives how many keys that were."""
    count = 0
    for project in in_renewal():
        newest = data_keys(project).order_by("-version").first()
        if newest is not None and settled(newest):
            if 0 < count_left(project) <= STRAGGLERS:
                for _piece in reseal_all(project):
                    pass
            count += len(retire(project))
    return count


@transaction.atomic
def retire(project: Project | None) -> list[int]:
    """Destroy the former versions of the key if nothing needs them any more; gives which."""
    hold(project)
    project_id = project.pk if project else None
    living = list(data_keys(project).filter(destroyed_at=None).order_by("version"))
    if len(living) < 2 or not settled(living[-1]) or count_left(project):
        return []
    if project is None and any(count(living[-1].version) for count in waits):
        return []
    keys.keep_index(project_id)
    old = [row.version for row in living[:-1]]
    ProjectKey.objects.filter(pk__in=[row.pk for row in living[:-1]]).update(wrapped=b"", destroyed_at=Now())
    keys.changed(project_id)
    audit.record(None, "vault.key_retired", project, project=project, versions=old)
    return old
