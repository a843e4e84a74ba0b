"""Publish prescriptions as a dataset in the formats that others take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, datasets, jobs
from core.access.models import Project
from prescriptions import permissions, shapes
from prescriptions.queries import to_export


@jobs.task(
    "prescriptions.export_dataset", label=gettext_lazy("Export prescriptions as a dataset"),
    limit=timedelta(hours=1), needs=permissions.EXPORT,
)  # fmt: skip
def export_dataset(run: jobs.Run, *, project_id: str, form: str, unreviewed: bool) -> dict[str, Any]:
    """Every prescription of the project in a format (FHIR, OMOP, PN13), as a new version of the format's dataset.

    Done again after a crash, it gives back what was published.
    """
    if published := run.kept.get("result"):
        return dict(published)
    project = Project.objects.get(pk=project_id)
    shape = shapes.SHAPES[form]
    documents = to_export(run.actor, project, unreviewed=unreviewed)
    started, total = timezone.now(), documents.count()
    counted = {"rows": 0}

    def batches() -> Iterator[pa.RecordBatch]:
        keys = list(documents.values_list("pk", flat=True))
        for first in range(0, len(keys), shapes.AT_ONCE):
            rows = shape.rows(list(documents.filter(pk__in=keys[first : first + shapes.AT_ONCE])))
            counted["rows"] += len(rows)
            yield pa.RecordBatch.from_pylist(rows, schema=shape.schema)
            run.progress(min(first + shapes.AT_ONCE, total), total, _("Reading the prescriptions"))

    prepared = datasets.prepared(
        run.actor, project, shape.dataset, pa.RecordBatchReader.from_batches(shape.schema, batches()),
        title=str(shape.title), columns=[datasets.Column(name, str(label)) for name, label in shape.columns],
        sensitivity="health",
    )  # fmt: skip
    with prepared as rows, run.fenced():
        source = {"source": "prescriptions", "documents": total, "format": form, "unreviewed": unreviewed}
        version = datasets.add(run.actor, rows, source, as_of=started)
        details: dict[str, Any] = {"format": form, "documents": total, "rows": counted["rows"]}
        audit.record(run.actor, "prescriptions.dataset_exported", version, project=project, **details)
        result = {"dataset": shape.dataset, "version": version.number, "rows": counted["rows"]}
        run.keep(result=result)
    return result
