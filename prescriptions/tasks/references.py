"""Load an edition of the public database of medicines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from core import files, jobs
from core.files.models import StoredFile
from prescriptions.engine.reference import storing
from prescriptions.services import loading, references


@jobs.task(
    references.TASK, label=gettext_lazy("Load the public database of medicines"), limit=timedelta(hours=1), retries=1,
)  # fmt: skip
def load_reference(run: jobs.Run, *, edition: str, address: str = "", archive: str = "") -> dict[str, Any]:
    """Fetch the official files, or open the archive of them, and make them into the edition that is read with."""
    if done := run.kept.get("result"):
        return dict(done)
    stored = StoredFile.objects.get(pk=archive) if archive else None
    made = loading.edition(edition, address, stored, run.progress)
    data = storing.dump(made)
    with run.fenced():
        reference = references.keep_reference(run.actor, made, address or loading.FOLDER, data)
        result = {"reference": str(reference), "products": reference.count, "url_name": "medicines:editions"}
        run.keep(result=result)
    if stored is not None:
        files.discard(stored)
    return result
