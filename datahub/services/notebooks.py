"""Write notebooks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.datasets.models import Dataset
from core.errors import Conflict, Fault, Invalid
from datahub.models import Notebook
from datahub.permissions import EDIT

if TYPE_CHECKING:
    from core.accounts.models import User

MOST_CELLS, LONGEST_CELL = 200, 100_000


@transaction.atomic
def create_notebook(
    actor: User, project: Project, title: str, cells: Sequence[str] = ("",), datasets: Collection[Dataset] = ()
) -> Notebook:
    """A new notebook. Raises Invalid with every fault of its title, cells and datasets."""
    access.require(actor, EDIT, project)
    check(project, title, cells, datasets)
    notebook = Notebook.objects.create(project=project, owner=actor, title=title.strip(), cells=list(cells))
    notebook.datasets.set(datasets)
    audit.record(actor, "datahub.notebook_created", notebook)
    return notebook


@transaction.atomic
def save_notebook(
    actor: User,
    notebook: Notebook,
    revision: int,
    title: str,
    cells: Sequence[str],
    datasets: Collection[Dataset],
) -> Notebook:
    """Keep what was written since `revision`. Raises Conflict when somebody saved in between: nothing is lost."""
    access.require(actor, EDIT, notebook.project, obj=notebook)
    check(notebook.project, title, cells, datasets)
    notebook = Notebook.objects.select_for_update(of=("self",)).select_related("project").get(pk=notebook.pk)
    if notebook.revision != revision:
        raise Conflict(
            _("Somebody saved this notebook while you were writing. Copy your changes, reload, and add them again."),
            "stale",
        )
    notebook.title, notebook.cells = title.strip(), list(cells)
    notebook.revision += 1
    notebook.save()
    notebook.datasets.set(datasets)
    audit.record(actor, "datahub.notebook_saved", notebook, revision=notebook.revision, cells=len(cells))
    return notebook


@transaction.atomic
def delete_notebook(actor: User, notebook: Notebook) -> None:
    """Put a notebook aside; `restore_notebook` brings it back."""
    access.require(actor, EDIT, notebook.project, obj=notebook)
    if Notebook.objects.filter(pk=notebook.pk, deleted_at=None).update(deleted_at=timezone.now()):
        audit.record(actor, "datahub.notebook_deleted", notebook)


@transaction.atomic
def restore_notebook(actor: User, notebook: Notebook) -> None:
    access.require(actor, EDIT, notebook.project, obj=notebook)
    if Notebook.objects.filter(pk=notebook.pk).exclude(deleted_at=None).update(deleted_at=None):
        audit.record(actor, "datahub.notebook_restored", notebook)


def check(project: Project, title: str, cells: Sequence[str], datasets: Collection[Dataset]) -> None:
    faults = []
    if not title.strip() or len(title) > 120:
        faults.append(Fault("title", "length", _("Give a title of 1 to 120 characters.")))
    if not 1 <= len(cells) <= MOST_CELLS:
        message = _("A notebook has from 1 to %(most)s cells.") % {"most": MOST_CELLS}
        faults.append(Fault("cells", "length", message))
    faults += [
        Fault(f"cells.{number}", "length", _("A cell holds %(most)s characters at most.") % {"most": LONGEST_CELL})
        for number, cell in enumerate(cells)
        if len(cell) > LONGEST_CELL
    ]
    faults += [
        Fault("datasets", "not-here", _("There is no such dataset in this project."))
        for dataset in datasets
        if dataset.project_id != project.pk
    ]
    if faults:
        raise Invalid(faults)


def starting_code(dataset: Dataset) -> str:
    """Code that reads a dataset, so that nobody starts from an empty page."""
    return f'import pandas as pd\n\ntable = pd.read_parquet("/data/{dataset.name}.parquet")\ntable.head()'
