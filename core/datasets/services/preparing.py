"""Files of SPSS, Stata and SAS that are too large to be waited for: a job makes them, and who asked fetches them.

The file is encrypted like all others, is its maker's alone, and is erased after a week. To fetch it is a download: he
must still be allowed to, and to read every column that is in it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from django.conf import settings
from django.http import Http404
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from core import files, jobs
from core.datasets.engine.formats import leaving
from core.datasets.services import exporting, levels
from core.datasets.services.reading import clear_bytes, permit
from core.errors import Conflict, Fault, Invalid
from core.files.models import StoredFile
from core.jobs.models import Job

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.datasets.models import DatasetVersion

TASK = "datasets.prepare_file"
KIND = "dataset-file"
KEPT = timedelta(days=7)
HELD = 3
"""The table is in memory as Arrow, as pandas and as the file: so many times its clear size."""


def ask(actor: Actor, version: DatasetVersion, form: str) -> Job:
    """Have the file made. Asked while it is under way, gives the same job. Raises Invalid past DATASETS_MEMORY."""
    what = exporting.permitted(actor, version, form)
    if form not in leaving.WRITE:
        message = _("This format is sent at once: download it.")
        raise Invalid([Fault("form", "at_once", message)], message)
    refuse_past_memory(what)
    return jobs.submit(
        actor,
        TASK,
        project=version.dataset.project,
        arguments={"version_id": str(version.pk), "form": form},
        subject=version,
        unique=f"{version.pk} {form} {actor.pk}",
    )


def refuse_past_memory(what: exporting.Leaving) -> None:
    """Raises Invalid in words: better than a worker that the system kills."""
    with what.opener() as source, pq.ParquetFile(source) as parquet:
        needed = clear_bytes(parquet.metadata, set(what.names)) * HELD
    if needed > settings.DATASETS_MEMORY:
        message = _("This file needs %(needed)s of memory and may take %(most)s: choose Parquet or CSV.") % {
            "needed": filesizeformat(needed),
            "most": filesizeformat(settings.DATASETS_MEMORY),
        }
        raise Invalid([Fault("form", "too_large", message)], message)


def make(actor: Actor, version: DatasetVersion, form: str, report: Callable[[int, int], None]) -> dict[str, Any]:
    """Write and store the file; gives what its job's result holds."""
    what = exporting.permitted(actor, version, form)
    refuse_past_memory(what)
    permit(actor, version, "export", None, "file")
    report(0, version.row_count)
    pieces = exporting.FORMS[form](what)
    stored = files.store(
        actor,
        version.dataset.project,
        pieces,
        name=exporting.name_of(version, form),
        media_type=exporting.MEDIA_TYPES[form],
        kind=KIND,
    )
    report(version.row_count, version.row_count)
    return {"rows": version.row_count, "file": str(stored.pk), "form": form, "columns": what.names}


def fetch(actor: Actor, version: DatasetVersion, job_id: uuid.UUID) -> exporting.Download:
    """The file that a job of the actor's made. 404 for another's; Conflict where it isn't ready, or is erased."""
    job = Job.objects.filter(pk=job_id, task=TASK, owner_id=actor.pk, subject_id=str(version.pk)).first()
    if job is None:
        raise Http404
    exporting.require(actor, version)
    if job.state != Job.State.DONE:
        raise Conflict(_("This file isn’t ready."), "not-ready")
    made = job.result or {}
    found = levels.reach(actor, version)
    if closed := [name for name in made["columns"] if name in found.hidden]:
        message = _("This file has columns that you may no longer read. Have it prepared again.")
        raise Invalid([Fault(name, "hidden", message) for name in closed], message)
    stored = StoredFile.objects.get(pk=made["file"])
    if stored.erased_at is not None:
        raise Conflict(_("This file was removed after a week. Have it prepared again."), "gone")
    exporting.record(actor, version, made["form"], found.hidden)
    return exporting.Download(
        exporting.name_of(version, made["form"]), exporting.MEDIA_TYPES[made["form"]], pieces_of(stored)
    )


def pieces_of(stored: StoredFile) -> Any:
    with files.open(stored) as file:
        yield from iter(lambda: file.read(exporting.BLOCK), b"")


def expire() -> int:
    """Erase what was made more than a week ago; gives how many."""
    rows = StoredFile.objects.filter(kind=KIND, erased_at=None, created_at__lt=timezone.now() - KEPT)
    old = list(rows)
    for stored in old:
        files.erase(None, stored, reason="expired")
    return len(old)
