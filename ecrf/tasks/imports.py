"""Try, save and undo imports of data: each one transaction, or nothing that stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, jobs
from core.errors import Conflict
from ecrf import permissions
from ecrf.models import DataImport
from ecrf.services import imports

LIMIT = timedelta(hours=4)


def found_import(run: jobs.Run, import_id: str) -> DataImport:
    rows = DataImport.objects.select_related("project", "form")
    found: DataImport = access.fetch(rows, run.actor, pk=import_id)
    return found


def result(found: DataImport) -> dict[str, Any]:
    told = {"records": found.counts.get("records", 0), "faults": found.counts.get("faults", 0)}
    return {**told, "url_name": "ecrf:data_import", "url_args": [found.project.slug, str(found.pk)]}


@jobs.task(
    "ecrf.check_import",
    label=gettext_lazy("Check a file of data"),
    queue="heavy",
    limit=LIMIT,
    needs=permissions.IMPORT,
)
def check_import(run: jobs.Run, *, import_id: str) -> dict[str, Any]:
    """Nothing that is saved stays longer than its subject is looked at, so that a crash leaves nothing."""

    def progress(done: int, total: int) -> None:
        run.progress(done, total, _("Trying the records, subject by subject"))

    return result(imports.check_now(run.actor, found_import(run, import_id), progress))


@jobs.task(
    "ecrf.save_import",
    label=gettext_lazy("Save a file of data"),
    queue="heavy",
    limit=LIMIT,
    needs=permissions.IMPORT,
)
def save_import(run: jobs.Run, *, import_id: str) -> dict[str, Any]:
    """The last act of the transaction is to see that the job is still this attempt's: done again, it finds it done."""

    def progress(done: int, total: int) -> None:
        run.progress(done, total, _("Saving the records; none counts before all are in"))

    found = found_import(run, import_id)
    if found.state == DataImport.State.DONE:
        return result(found)
    try:
        return result(imports.save_now(run.actor, found, progress, run.fenced))
    except Conflict as conflict:
        if conflict.code != "changed":
            raise
        return result(imports.check_now(run.actor, found, progress))


@jobs.task(
    "ecrf.undo_import",
    label=gettext_lazy("Undo an import of data"),
    queue="heavy",
    limit=LIMIT,
    needs=permissions.IMPORT,
)
def undo_import(run: jobs.Run, *, import_id: str, reason: str) -> dict[str, Any]:
    def progress(done: int, total: int) -> None:
        run.progress(done, total, _("Undoing the records; all stay until the last one is back"))

    return result(imports.undo_now(run.actor, found_import(run, import_id), reason, progress, run.fenced))
