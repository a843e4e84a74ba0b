"""Tell the journal who reads what a notebook gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import audit
from core.audit.models import Event

if TYPE_CHECKING:
    from core.accounts.models import User
    from datahub.models import Notebook, NotebookRun

READ = "datahub.results_read"


def read_results(reader: User, notebook: Notebook, run: NotebookRun | None) -> None:
    """Record that somebody opens the results of a run, where there are any."""
    if run is not None and run.results:
        audit.record(reader, READ, notebook, run=str(run.pk))


def follow_results(reader: User, notebook: Notebook, run: NotebookRun | None) -> None:
    """Record the same once per reader and run: a page that follows a run asks every second."""
    if run is None:
        return
    known = Event.objects.filter(
        object_type=notebook._meta.label_lower, object_id=str(notebook.pk), actor_id=reader.pk, action=READ
    )
    if not known.filter(details__run=str(run.pk)).exists():
        read_results(reader, notebook, run)
