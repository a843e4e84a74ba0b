"""What the pages and the API read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.datasets.models import DatasetVersion
from core.datasets.services import levels
from core.portal.search import Hit
from core.tool import Link
from datahub.models import Notebook, NotebookRun

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

NOT_RUN: dict[str, Any] = {"state": "", "seconds": None, "outputs": []}


@dataclass(frozen=True)
class Cell:
    """A cell as the page shows it: its code, and what the last run made of it."""

    number: int
    code: str
    result: dict[str, Any]
    stale: bool
    """Whether the code has changed since it ran."""


def notebooks(actor: Actor) -> QuerySet[Notebook]:
    return Notebook.objects.visible_to(actor).kept().select_related("project", "owner")


def catalogue(actor: Actor, project: Project) -> QuerySet[DatasetVersion]:
    """The newest version of each dataset of the project that the actor may know of."""
    newest = DatasetVersion.objects.order_by("dataset_id", "-number").distinct("dataset_id")
    rows: QuerySet[DatasetVersion] = (
        DatasetVersion.objects.visible_to(actor)
        .filter(dataset__project=project, pk__in=newest.values("pk"))
        .select_related("dataset__project")
        .defer("provenance")
    )
    return rows


def last_run(actor: Actor, notebook: Notebook) -> NotebookRun | None:
    """The last run, without its results where it read columns that are protected from this person."""
    run = notebook.runs.select_related("job", "owner", "project").first()
    if run and (closed := closed_columns(actor, run)):
        run.results, run.closed = [], closed
    return run


def closed_columns(actor: Actor, run: NotebookRun) -> list[str]:
    """The columns that a run read and this person may not."""
    held = levels.levels_of(actor, run.project)
    found: set[str] = set()
    read = {str(version.pk): version for version in DatasetVersion.objects.filter(pk__in=run.versions.values())}
    for name, key in run.versions.items():
        if key in read:
            found.update({*levels.reach_in(read[key].columns, held).hidden} - {*(run.hidden or {}).get(name, ())})
    return sorted(found)


def cells(notebook: Notebook, run: NotebookRun | None) -> list[Cell]:
    """The cells of a notebook beside the outputs of a run."""
    ran = run.cells if run else []
    results = run.results if run else []
    rows = zip_longest(notebook.cells, ran[: len(notebook.cells)], results[: len(notebook.cells)])
    return [
        Cell(number, code, result or NOT_RUN, stale=bool(result) and code != old)
        for number, (code, old, result) in enumerate(rows)
    ]


def search(actor: Actor, words: str) -> list[Hit]:
    """Notebooks by their title."""
    found = notebooks(actor)
    for word in words.split():
        found = found.filter(title__icontains=word)
    return [Hit(row.title, row.get_absolute_url(), _("Notebook"), "notebook", str(row.project)) for row in found[:20]]


def lineage(actor: Actor, project: Project) -> list[Link]:
    """The notebooks that this person sees, with the datasets that each reads."""
    return [
        Link(
            "datahub",
            str(row.pk),
            "notebook",
            row.title,
            row.get_absolute_url(),
            [dataset.pk for dataset in row.datasets.all()],
        )
        for row in notebooks(actor).filter(project=project).prefetch_related("datasets")
    ]
