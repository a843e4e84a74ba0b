"""Publish the validated lines as a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, datasets, jobs
from core.access.models import Project
from prescriptions import permissions
from prescriptions.export import COLUMNS, SCHEMA, rows_of
from prescriptions.models import Line
from prescriptions.queries import exportable
from prescriptions.services.documents import DATASET, mark_stale, provenance

BATCH = 500


@jobs.task(
    "prescriptions.export_lines", label=gettext_lazy("Export the validated lines of prescriptions"),
    limit=timedelta(hours=1), needs=permissions.EXPORT,
)  # fmt: skip
def export_lines(run: jobs.Run, *, project_id: str) -> dict[str, Any]:
    """One row for each dose of each validated line of the reviewed prescriptions, as a new version of the dataset.

    Done again after a crash, it gives back what was published.
    """
    if published := run.kept.get("result"):
        return dict(published)
    project = Project.objects.get(pk=project_id)
    lines = exportable(project)
    started, read = timezone.now(), state_of(lines)
    total = lines.count()
    references = sorted(set(lines.values_list("document__reference", flat=True)))
    documents = lines.values("document").distinct().count()
    counted = {"rows": 0}

    def batches() -> Iterator[pa.RecordBatch]:
        rows: list[dict[str, Any]] = []
        for done, line in enumerate(lines.iterator(BATCH), 1):
            rows.extend(rows_of(line))
            if len(rows) >= BATCH:
                counted["rows"] += len(rows)
                yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)
                rows = []
                run.progress(done, total, _("Reading the lines"))
        counted["rows"] += len(rows)
        yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)

    prepared = datasets.prepared(
        run.actor,
        project,
        DATASET,
        pa.RecordBatchReader.from_batches(SCHEMA, batches()),
        title=_("Validated lines of prescriptions"),
        columns=[datasets.Column(column["name"], str(column["label"])) for column in COLUMNS],
        sensitivity="health",
    )
    with prepared as rows, run.fenced():
        version = datasets.add(run.actor, rows, provenance(documents, references), as_of=started)
        # a dataset that was stale already, or not yet there, wasn't marked by what was reviewed during the export
        if state_of(lines) != read:
            mark_stale(project)
        counts: dict[str, Any] = {"lines": total, "rows": counted["rows"]}
        audit.record(run.actor, "prescriptions.lines_exported", version, project=project, **counts)
        result = {"dataset": DATASET, "version": version.number, **counts}
        run.keep(result=result)
    return result


def state_of(lines: QuerySet[Line]) -> list[tuple[Any, ...]]:
    """What tells whether the lines have changed, without opening a reading."""
    return list(lines.values_list("pk", "revision", "settled_at"))
