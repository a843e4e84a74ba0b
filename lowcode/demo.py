"""Two analyses to begin with, on the study's inclusions or, where there are none yet, on the newest dataset."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from core.datasets.models import Dataset
from lowcode import queries
from lowcode.engine import Column, Kind, Table
from lowcode.engine.columns import NUMERIC
from lowcode.models import Analysis
from lowcode.services import analyses, running

PREFERRED = ("inclusions", "sepsis-inclusions", "sepsis")
"""Names of the datasets of the demo that tell the most, best first."""


def load(world: World) -> None:
    """Make the two analyses once, and run them so that those who may not read the data see their masked results."""
    actor, project = world.user["researcher"], world.project
    if Analysis.objects.filter(project=project).exists():
        return
    dataset = chosen(list(queries.datasets(actor, project)))
    if dataset is None:
        return
    table = queries.table_of(queries.version_named(actor, project, dataset.name, None))
    for name, query, chart in questions(dataset, table):
        running.read_saved(actor, analyses.create(actor, project, name, query, chart))


def chosen(datasets: list[Dataset]) -> Dataset | None:
    """The dataset of the study's patients, known by its name; else the first there is."""
    by_name = {dataset.name: dataset for dataset in datasets}
    return next((by_name[name] for name in PREFERRED if name in by_name), datasets[0] if datasets else None)


def questions(dataset: Dataset, table: Table) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """How many rows there are of each kind, and how a number differs between the kinds."""
    source = {"dataset": dataset.name}
    word = first(table, lambda column: bool(column.codes) or column.kind in (Kind.TEXT, Kind.BOOLEAN))
    number = first(table, lambda column: column.kind in NUMERIC and not column.codes)
    count: dict[str, Any] = {"source": source, "measures": [{"of": "rows"}]}
    if word:
        count["by"] = [{"column": word.name}]
    found: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (f"Effectif – {word.title if word else table.title}", count, {})
    ]
    if number and word:
        spread = {
            "source": source,
            "by": [{"column": word.name}],
            "measures": [{"of": "spread", "column": number.name}],
        }
        found.append((f"{number.title} – {word.title}", spread, {"kind": "box"}))
    return found


def first(table: Table, suits: Any) -> Column | None:
    return next((column for column in table.columns if suits(column) and not column.subject), None)
