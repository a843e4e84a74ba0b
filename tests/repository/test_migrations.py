"""A new version is put in place while people work: each change of a table leaves the version before it able to go on.

The first migration of an app makes its tables, so nothing runs on them yet. Every later one keeps these rules, which
CONTRIBUTING.md explains; one that can't says why beside the operation, in ``# unsafe: …``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.contrib.postgres import operations as postgres
from django.db import migrations, models
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tests.repository.files import CODE

FORBIDDEN_SQL = (
    (r"\bDROP\s+(TABLE|COLUMN)\b", "drops what the version before still reads"),
    (r"\bALTER\s+TABLE\b.*\bRENAME\b", "renames what the version before still reads"),
    (r"\bALTER\s+COLUMN\b.*\bTYPE\b", "rewrites the table under a lock"),
    (r"\bLOCK\s+TABLE\b", "locks a table"),
)


def faults(operation: Operation, app: str, state: ProjectState, new: set[str]) -> Iterator[str]:
    """What is wrong with an operation on a table that is in use; those made by the same migration are `new`."""
    table = getattr(operation, "model_name", getattr(operation, "name", "")).lower()
    match operation:
        case migrations.RemoveField() | migrations.DeleteModel():
            yield "removes what the version before still reads: first stop using it, remove it one version later"
        case migrations.RenameField() | migrations.RenameModel() | migrations.AlterModelTable():
            yield "renames what the version before still reads: add, copy, and remove one version later"
        case migrations.AddField() if table not in new:
            field = operation.field
            needs = not (field.null or field.many_to_many or field.has_db_default())
            if needs:
                yield "adds a column that the version before doesn't fill: give it null=True or a db_default"
        case migrations.AlterField() if table not in new:
            yield from altered(operation, app, state)
        case migrations.AddIndex() if table not in new and not isinstance(operation, postgres.AddIndexConcurrently):
            yield "locks the table while the index is built: use AddIndexConcurrently and atomic = False"
        case migrations.AddConstraint() if table not in new:
            if isinstance(operation.constraint, models.UniqueConstraint):
                yield "locks the table while it is built: make the index concurrently first, or say why it is small"
            elif not isinstance(operation, postgres.AddConstraintNotValid):
                yield "reads the whole table under a lock: AddConstraintNotValid, then ValidateConstraint"
        case migrations.RunPython():
            if operation.reverse_code is None:
                yield "can't be taken back: give reverse_code, or RunPython.noop"
        case migrations.RunSQL():
            if operation.reverse_sql is None:
                yield "can't be taken back: give reverse_sql, or RunSQL.noop"
            text = str(operation.sql)
            yield from (why for pattern, why in FORBIDDEN_SQL if re.search(pattern, text, re.IGNORECASE | re.DOTALL))


def altered(operation: migrations.AlterField, app: str, state: ProjectState) -> Iterator[str]:
    """A column may become wider or take null; it may not change its type or refuse what it took."""
    before = state.models[app, operation.model_name.lower()].fields[operation.name]
    after = operation.field
    if type(before).get_internal_type(before) != type(after).get_internal_type(after):
        yield "changes the type of a column: add another, copy, and remove the old one a version later"
    if before.null and not after.null:
        yield "refuses null, which the version before may still write"
    if (before.max_length or 0) > (after.max_length or 10**9):
        yield "makes a column shorter than what the version before may write"


def unsafe() -> dict[str, list[str]]:
    """Every fault of the migrations after those that make the tables, in the order in which they are applied."""
    graph = MigrationLoader(None).graph
    state, found = ProjectState(), {}
    for app, name in order(graph):
        migration = graph.nodes[app, name]
        mine = type(migration).__module__.partition(".")[0] in CODE
        new: set[str] = set()
        faulty = []
        for operation in migration.operations:
            if isinstance(operation, migrations.CreateModel):
                new.add(operation.name.lower())
            if mine and not migration.initial:
                faulty += [f"{operation.describe()}: {why}" for why in faults(operation, app, state, new)]
            operation.state_forwards(app, state)
        excused = len(re.findall(r"# unsafe: \w", inspect.getsource(import_module(type(migration).__module__))))
        if len(faulty) > excused:
            found[f"{app}.{name}"] = faulty
    return found


def order(graph: MigrationGraph) -> list[tuple[str, str]]:
    done: dict[tuple[str, str], None] = {}
    for leaf in sorted(graph.leaf_nodes()):
        done |= dict.fromkeys(graph.forwards_plan(leaf))
    return list(done)


def test_no_migration_breaks_the_version_before() -> None:
    """Whoever is at work while the suite is upgraded goes on: old code runs on the new tables."""
    assert unsafe() == {}


def on_a_table(operation: Operation) -> list[str]:
    """What is said of an operation on a table of this kind that is in use."""
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=20, null=True))]
    migrations.CreateModel("Visit", fields).state_forwards("ecrf", state)
    return list(faults(operation, "ecrf", state, set()))


SAFE = [
    migrations.AddField("visit", "note", models.TextField(null=True)),
    migrations.AddField("visit", "number", models.IntegerField(db_default=0)),
    migrations.AlterField("visit", "name", models.CharField(max_length=40, null=True)),
    postgres.AddIndexConcurrently("visit", models.Index(fields=["name"], name="visits_by_name")),
    postgres.AddConstraintNotValid("visit", models.CheckConstraint(condition=~models.Q(name=""), name="named")),
    postgres.ValidateConstraint("visit", "named"),
    migrations.RunSQL("CREATE TRIGGER a", "DROP TRIGGER a"),
    migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop),
]
UNSAFE = [
    migrations.AddField("visit", "number", models.IntegerField(default=0)),
    migrations.AddField("visit", "note", models.TextField()),
    migrations.RemoveField("visit", "name"),
    migrations.RenameField("visit", "name", "title"),
    migrations.DeleteModel("visit"),
    migrations.AlterField("visit", "name", models.CharField(max_length=10, null=True)),
    migrations.AlterField("visit", "name", models.CharField(max_length=20)),
    migrations.AlterField("visit", "name", models.IntegerField(null=True)),
    migrations.AddIndex("visit", models.Index(fields=["name"], name="visits_by_name")),
    migrations.AddConstraint("visit", models.CheckConstraint(condition=~models.Q(name=""), name="named")),
    migrations.AddConstraint("visit", models.UniqueConstraint(fields=["name"], name="one_name")),
    migrations.RunSQL("ALTER TABLE ecrf_visit DROP COLUMN name", ""),
    migrations.RunSQL("ALTER TABLE ecrf_visit ALTER COLUMN name TYPE integer", ""),
    migrations.RunSQL("CREATE TRIGGER a"),
    migrations.RunPython(migrations.RunPython.noop),
]


@pytest.mark.parametrize("operation", SAFE, ids=lambda operation: operation.describe())
def test_what_is_safe_is_let_through(operation: Operation) -> None:
    """The rules forbid nothing that old code can live with."""
    assert on_a_table(operation) == []


@pytest.mark.parametrize("operation", UNSAFE, ids=lambda operation: operation.describe())
def test_what_is_unsafe_is_found(operation: Operation) -> None:
    """The rules see each kind of change that would stop who is at work."""
    assert len(on_a_table(operation)) == 1
