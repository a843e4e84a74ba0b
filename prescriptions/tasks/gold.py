"""Publish reviewed lines as gold data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, datasets, jobs
from core.access.models import Project
from prescriptions import gold, permissions
from prescriptions.queries import exportable
from prescriptions.services import gold as gold_service

BATCH = 500


@jobs.task(
    gold_service.TASK, label=gettext_lazy("Publish reviewed lines as gold data"),
    limit=timedelta(hours=1), needs=permissions.GOLD,
)  # fmt: skip
def publish_gold(run: jobs.Run, *, project_id: str) -> dict[str, Any]:
    """The lines in which nothing is suspicious, and those that a person let go, as a new version of the dataset."""
    if published := run.kept.get("result"):
        return dict(published)
    project = Project.objects.get(pk=project_id)
    started, total = timezone.now(), exportable(project).count()
    found: list[dict[str, str]] = []
    held = 0
    for done, each in enumerate(gold.candidates(project), 1):
        if each.leaves:
            found.append(gold.row(each))
        else:
            held += 1
        if not done % BATCH:
            run.progress(done, total, _("Reading the lines"))
    prepared = datasets.prepared(
        run.actor,
        project,
        gold.DATASET,
        pa.Table.from_pylist(found, schema=gold.SCHEMA).to_reader(),
        title=_("Gold data of prescriptions"),
        columns=[datasets.Column(name, str(label)) for name, label in gold.COLUMNS.items()],
        sensitivity="health",
    )
    with prepared as rows, run.fenced():
        counts: dict[str, Any] = {"rows": len(found), "held": held}
        version = datasets.add(run.actor, rows, {"source": "prescriptions", **counts}, as_of=started)
        audit.record(run.actor, "prescriptions.gold_published", version, project=project, **counts)
        result = {"dataset": gold.DATASET, "version": version.number, **counts}
        run.keep(result=result)
    return result
