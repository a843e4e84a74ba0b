"""Take a file with a table, show what was made of it, publish it when the person agrees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files, jobs
from core.datasets.engine.csv import detection, parsing
from core.datasets.engine.formats.kinds import LARGEST as DOCUMENT
from core.datasets.engine.formats.kinds import kind_of
from core.datasets.models import DatasetVersion, Sensitivity, Upload
from core.datasets.services import documents, plans
from core.datasets.services.publishing import Column, Prepared, add, named, prepared
from core.errors import Conflict, Fault, Invalid

if TYPE_CHECKING:
    import pyarrow as pa

    from core.access.models import Project
    from core.access.scope import Actor

LARGEST = 2 << 30
"""Bytes of a file that may be uploaded."""
AT_ONCE = 5 << 20
"""Bytes up to which a file is read while the person waits; a larger one is read by a job."""
KEPT = timedelta(days=7)


def receive(
    actor: Actor, project: Project, file: BinaryIO, *, name: str, title: str, sensitivity: str, file_name: str
) -> Upload:
    """Keep the file, encrypted, and detect whose it is and how it is written. Raises Invalid, and nothing is kept.

    CSV is read here; every other format only inside the sandbox.
    """
    access.require(actor, "datasets.upload_data", project)
    assert actor.pk is not None  # nobody who hasn't signed in holds a permission
    if faults := named(name, title, sensitivity):
        raise Invalid(faults, _("The file can't be taken so."))
    stored = files.store(actor, project, file, name=file_name, media_type="text/csv", kind="csv", limit=LARGEST)
    try:
        plan = detected(stored)
        with transaction.atomic():
            upload = Upload.objects.create(
                project=project,
                dataset_name=name,
                title=title,
                sensitivity=Sensitivity(sensitivity),
                file=stored,
                plan=plan,
                created_by_id=actor.pk,
            )
            audit.record(actor, "datasets.file_received", upload, dataset=name, digest=stored.digest)
        return upload
    except BaseException:
        files.discard(stored)
        raise


def detected(stored: files.StoredFile) -> dict[str, Any]:
    """How a file would be read. Raises Invalid for one that no reader takes."""
    head = sample(stored)
    kind = kind_of(head)
    if kind == "csv":
        return plans.plan_of(detection.detect(head))
    if kind == "xls":
        raise Invalid(
            [Fault("file", "xls", _("This is Excel’s old format (.xls): save the workbook as .xlsx or CSV."))]
        )
    if stored.size > DOCUMENT:
        message = _("A file of this format has %(most)s at most; larger ones are sent as CSV.")
        raise Invalid([Fault("file", "too_large", message % {"most": filesizeformat(DOCUMENT)})])
    return plans.plan_of_document(kind, documents.looked_at(stored, kind, {}))


def sample(stored: files.StoredFile) -> bytes:
    """What detection looks at."""
    with files.open(stored) as file:
        return file.read(detection.SAMPLE)


def preview(upload: Upload) -> detection.Detected:
    """The first rows and the columns as the upload's dialect shows them."""
    if plans.is_document(upload.plan):
        return plans.preview_of(upload.plan)
    return detection.again(sample(upload.file), plans.dialect_of(upload.plan))


def correct(actor: Actor, upload: Upload, plan: Mapping[str, Any]) -> Upload:
    """Read the file another way. With another dialect the columns are detected anew. Raises Invalid."""
    access.require(actor, "datasets.upload_data", upload.project)
    if plans.is_document(upload.plan):
        return keep_plan(upload, corrected(upload, plan))
    dialect = plans.dialect_of(plan)
    if dialect != plans.dialect_of(upload.plan):
        try:
            plan = plans.plan_of(detection.again(sample(upload.file), dialect))
        except UnicodeError:
            raise Invalid([Fault("encoding", "unreadable", _("The file can’t be read with this encoding."))]) from None
    else:
        plans.columns_of(plan)
    return keep_plan(upload, plan)


def keep_plan(upload: Upload, plan: Mapping[str, Any]) -> Upload:
    with transaction.atomic():
        upload = waiting(upload)
        upload.plan, upload.faults = dict(plan), None
        upload.save(update_fields=["plan", "faults"])
    return upload


def corrected(upload: Upload, plan: Mapping[str, Any]) -> dict[str, Any]:
    """The plan of another program's file: with another sheet, or another heading, its columns are looked at anew."""
    old = upload.plan
    asked = {key: plan[key] for key in ("sheet", "header") if key in plan and old["format"] == "xlsx"}
    if any(old.get(key) != value for key, value in asked.items()):
        return plans.plan_of_document(old["format"], documents.looked_at(upload.file, old["format"], asked), asked)
    made = {**old, "columns": list(plan["columns"])}
    plans.columns_of(made, fixed=None if old["format"] == "xlsx" else old["columns"])
    return made


def arrange(actor: Actor, upload: Upload, given: Mapping[str, Any]) -> Upload:
    """Put what the caller says of the file in the place of what was detected. Raises Invalid."""
    if plans.is_document(upload.plan):
        said = {name: given[name] for name in ("sheet", "header") if given.get(name) is not None}
        upload = correct(actor, upload, {**upload.plan, **said}) if said else upload
    elif said := {name: given[name] for name in plans.SAID if given.get(name) is not None}:
        upload = correct(actor, upload, {**upload.plan, "dialect": {**upload.plan["dialect"], **said}})
    if columns := given.get("columns"):
        if len(columns) != len(upload.plan["columns"]):
            counts = {"said": len(columns), "found": len(upload.plan["columns"])}
            message = _("%(said)s columns are described and the file has %(found)s.") % counts
            raise Invalid([Fault("columns", "count", message)])
        upload = correct(actor, upload, {**upload.plan, "columns": columns})
    return upload


def accept(actor: Actor, upload: Upload) -> Upload:
    """Publish the upload: at once where it is small, otherwise as a job. Raises Invalid with the file's faults."""
    access.require(actor, "datasets.upload_data", upload.project)
    access.require(actor, "datasets.publish_data", upload.project)
    plans.columns_of(upload.plan, fixed=plans.fixed_in(upload.plan))
    if upload.file.size <= AT_ONCE:
        read(actor, upload)
        upload.refresh_from_db()
        return upload
    with transaction.atomic():
        upload = waiting(upload)
        job = jobs.submit(
            actor,
            "datasets.publish_upload",
            project=upload.project,
            arguments={"upload_id": str(upload.pk)},
            subject=upload,
            unique=f"datasets.upload:{upload.pk}",
        )
        upload.job_id, upload.faults = job.pk, None
        upload.save(update_fields=["job_id", "faults"])
    return upload


def read(
    actor: Actor, upload: Upload, transaction_of: Callable[[], AbstractContextManager[Any]] = transaction.atomic
) -> DatasetVersion:
    """Parse the whole file, then publish it: version, mark and erasure of what was sent in one transaction.

    A job gives its own kind of transaction. What was published before is given back. Raises Conflict where somebody
    else was faster, Invalid with every fault of the file; these are kept to be shown.
    """
    if upload.version is not None:
        return upload.version
    try:
        with (
            reader_of(upload) as (reader, columns),
            prepared(
                actor,
                upload.project,
                upload.dataset_name,
                reader,
                title=upload.title,
                columns=columns,
                sensitivity=upload.sensitivity,
            ) as rows,
            transaction_of(),
        ):
            return settle(actor, waiting(upload), rows, provenance_of(upload))
    except (parsing.BadCsv, documents.BadCells) as error:
        with transaction_of():
            upload.faults = error.kept if isinstance(error, documents.BadCells) else plans.kept_faults(error)
            upload.save(update_fields=["faults"])
        raise plans.refusal(upload.faults) from None


@contextmanager
def reader_of(upload: Upload) -> Iterator[tuple[pa.RecordBatchReader, Sequence[Column]]]:
    """The typed rows, and what the file says of its columns."""
    if plans.is_document(upload.plan):
        with documents.rows_of(upload.file, upload.plan) as read:
            yield read
        return
    columns = plans.columns_of(upload.plan)
    with files.open(upload.file) as file:
        yield parsing.parse(file, plans.dialect_of(upload.plan), columns), ()


def settle(actor: Actor, upload: Upload, rows: Prepared, provenance: Mapping[str, Any]) -> DatasetVersion:
    """Make the rows the version of an upload whose row the caller has locked."""
    upload.version, upload.faults = add(actor, rows, provenance), None
    upload.save(update_fields=["version", "faults"])
    files.erase(actor, upload.file, reason="published")
    return upload.version


def provenance_of(upload: Upload) -> dict[str, Any]:
    return {
        "kind": "upload",
        "file": upload.file.name,
        "digest": upload.file.digest,
        "plan": plans.told(upload.plan),
        "at": timezone.now().isoformat(),
    }


def waiting(upload: Upload) -> Upload:
    """The row, locked. Raises Conflict where it is published already, or its file gone."""
    upload = Upload.objects.select_for_update(of=("self",)).select_related("project", "file").get(pk=upload.pk)
    if upload.version_id is not None:
        raise Conflict(_("This file is published already."))
    if upload.file.erased_at is not None:
        raise Conflict(_("This file was removed: it was dropped, or it waited for more than a week. Upload it again."))
    return upload


def drop(actor: Actor, upload: Upload) -> None:
    """Forget an upload that isn't wanted: its file is erased."""
    access.require(actor, "datasets.upload_data", upload.project)
    with transaction.atomic():
        files.erase(actor, waiting(upload).file, reason="dropped")


def expire() -> int:
    """Erase the files of uploads that nobody accepted within a week; gives how many."""
    waiting_too_long = Upload.objects.filter(version=None, file__erased_at=None, created_at__lt=timezone.now() - KEPT)
    old = list(waiting_too_long.select_related("file"))
    for upload in old:
        files.erase(None, upload.file, reason="expired")
    return len(old)
