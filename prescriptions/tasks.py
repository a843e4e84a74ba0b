"""Long work of this tool."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, datasets, files, jobs
from core.access.models import Project
from core.files.models import StoredFile
from prescriptions import gold, permissions, shapes
from prescriptions.engine.reference import storing
from prescriptions.evaluating import evaluate
from prescriptions.export import COLUMNS, SCHEMA, rows_of
from prescriptions.models import Batch, Item, Line
from prescriptions.queries import exportable, to_export
from prescriptions.services import gold as gold_service
from prescriptions.services import loading, reading, references
from prescriptions.services.batches import TASK
from prescriptions.services.documents import DATASET, mark_stale, provenance

__all__ = ["evaluate", "export_lines"]

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


def state_of(lines: QuerySet[Line]) -> list[tuple[Any, ...]]:
    """What tells whether the lines have changed, without opening a reading."""
    return list(lines.values_list("pk", "revision", "settled_at"))


@jobs.task(
    TASK, label=gettext_lazy("Read the files of a batch of prescriptions"),
    queue="heavy", limit=timedelta(hours=12), retries=5, needs=permissions.WRITE,
)  # fmt: skip
def read_batch(run: jobs.Run, *, batch_id: str) -> dict[str, Any]:
    """One file after the other, archives first unpacked; what a file became is written together with its state.

    Killed anywhere, it goes on with the file that it was at: none is lost, and none becomes two prescriptions.
    """
    batch = Batch.objects.select_related("project").get(pk=batch_id)

    def report() -> None:
        states = list(batch.items.exclude(state=Item.State.UNPACKED).values_list("state", flat=True))
        waiting = sum(state in (Item.State.WAITING, Item.State.READING) for state in states)
        run.progress(len(states) - waiting, len(states), _("Reading the files"))

    while item := next_of(batch):
        item.batch = batch
        report()
        with run.fenced():
            begun = reading.begin(item)
        if not begun:
            continue
        if item.kind == "zip":
            reading.unpack(run.actor, item, run.fenced, report)
        else:
            reading.read_item(run.actor, item, run.fenced)
    report()
    found = {
        state.value: batch.items.filter(state=state).count()
        for state in (Item.State.READY, Item.State.TWICE, Item.State.FAILED)
    }
    return {**found, "url_name": "prescriptions:batch", "url_args": [batch.project.slug, str(batch.pk)]}


def next_of(batch: Batch) -> Item | None:
    """The file to be read next: one whose reading was broken off, then those that wait, in their order."""
    left = batch.items.filter(state__in=[Item.State.READING, Item.State.WAITING]).select_related("file__project")
    return left.order_by("state", "position").first()


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
