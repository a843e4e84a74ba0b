"""What the pages and the API read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.datasets.models import DatasetVersion
from core.portal.search import Hit
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
    return (
        DatasetVersion.objects.visible_to(actor)
        .filter(dataset__project=project, pk__in=newest.values("pk"))
        .select_related("dataset__project")
        .defer("provenance")
    )


def last_run(notebook: Notebook) -> NotebookRun | None:
    return notebook.runs.select_related("job", "owner", "project").first()


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
