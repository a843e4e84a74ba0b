"""Take files together, and ask for their reading, which is a job; try again what failed, forget what isn't wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files, jobs
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from core.jobs.models import Job
from prescriptions import permissions
from prescriptions.models import Batch, Document, Item
from prescriptions.services.documents import person

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.files.models import StoredFile

LARGEST = 50 << 20
"""Bytes of one file."""
LARGEST_ARCHIVE = 200 << 20
MOST = 2000
"""Files of one batch, those of its archives included."""
KEPT = timedelta(days=30)
"""After which the files of what failed or was never read are erased."""
LONGEST_NAME = 255
ARCHIVE = ".zip"
TASK = "prescriptions.read_batch"


def start_batch(actor: Actor, project: Project) -> Batch:
    """Begin a batch, to which files are then added."""
    access.require(actor, permissions.WRITE, project)
    return Batch.objects.create(project=project, author=person(actor))


def add_files(actor: Actor, batch: Batch, sent: Sequence[tuple[str, IO[bytes]]]) -> list[Item]:
    """Keep these files, encrypted, to be read later; what is in them is looked at then. Raises Invalid, Conflict."""
    access.require(actor, permissions.WRITE, batch.project)
    if not sent:
        raise Invalid([Fault("files", "empty", _("Choose a file first."))])
    return [received(actor, batch, name, stream) for name, stream in sent]


def received(actor: Actor, batch: Batch, name: str, stream: IO[bytes]) -> Item:
    """One file, kept and entered into the batch; one that the project knows already is said to be there."""
    name = own_name(name)
    is_archive = PurePath(name).suffix.lower() == ARCHIVE
    stored = files.store(
        actor,
        batch.project,
        stream,
        name=name,
        kind="prescription",
        limit=LARGEST_ARCHIVE if is_archive else LARGEST,
    )
    try:
        with transaction.atomic():
            return entered(unstarted(batch), name, stored, kind="zip" if is_archive else "file")
    except BaseException:
        files.discard(stored)
        raise


def own_name(path: str) -> str:
    """What a file is called, without its folders; a long name keeps its end, which says of which kind it is."""
    name = PurePath(path).name
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME // 2]}…{name[-(LONGEST_NAME // 2) :]}"


def entered(batch: Batch, name: str, stored: StoredFile | None, *, kind: str = "file", fault: str = "") -> Item:
    """Put a stored file, or what is wrong with one, at the end of a batch whose row is held. Raises Invalid if full."""
    last = require_place(batch)
    state = Item.State.FAILED if fault else Item.State.WAITING
    return Item.objects.create(
        batch=batch, position=last + 1, name=name, kind=kind, file=stored, state=state, fault=fault
    )


def require_place(batch: Batch, coming: int = 1) -> int:
    """The last position in the batch. Raises Invalid where it has no place for so many files more."""
    last: int = batch.items.aggregate(last=Max("position"))["last"] or 0
    if last + coming > MOST:
        raise Invalid([Fault("files", "too_many", _("A batch has %(most)s files at most.") % {"most": MOST})])
    return last


def fail(item: Item, error: Invalid) -> None:
    """Say why a file isn't read, in a transaction of the job."""
    item.state = Item.State.FAILED
    item.fault = str(error.message or error.faults[0].message)[: Item._meta.get_field("fault").max_length]
    item.save(update_fields=["state", "fault"])


def unstarted(batch: Batch) -> Batch:
    """The row, held. Raises Conflict once its reading was asked for."""
    held = held_batch(batch)
    if held.job_id is not None:
        raise Conflict(_("This batch is being read already: begin another one."), "started")
    return held


def held_batch(batch: Batch) -> Batch:
    return Batch.objects.select_for_update(of=("self",)).select_related("project").get(pk=batch.pk)


@transaction.atomic
def read_batch(actor: Actor, batch: Batch) -> Job:
    """Have the files that wait read, as a job. Raises Conflict while it is being read, Invalid where it has no file."""
    access.require(actor, permissions.WRITE, batch.project)
    batch = held_batch(batch)
    if is_live(batch):
        raise Conflict(_("This batch is being read already."), "started")
    waiting = batch.items.filter(state__in=[Item.State.WAITING, Item.State.READING]).count()
    if not waiting:
        raise Invalid([Fault("files", "empty", _("No file of this batch waits to be read."))])
    job = jobs.submit(actor, TASK, project=batch.project, arguments={"batch_id": str(batch.pk)}, unique=str(batch.pk))
    batch.job_id = job.pk
    batch.save(update_fields=["job_id"])
    audit.record(actor, "prescriptions.files_received", batch, files=waiting)
    return job


def is_live(batch: Batch) -> bool:
    return batch.job_id is not None and Job.objects.live().filter(pk=batch.job_id).exists()


@transaction.atomic
def retry_failed(actor: Actor, batch: Batch) -> Job:
    """Read once more what failed. Raises as `read_batch`."""
    access.require(actor, permissions.WRITE, batch.project)
    held_batch(batch)
    batch.items.filter(state=Item.State.FAILED, file__isnull=False).update(state=Item.State.WAITING, fault="", tries=0)
    return read_batch(actor, batch)


@transaction.atomic
def drop_failed(actor: Actor, batch: Batch) -> int:
    """Forget the files that failed or were never read: they are erased. Gives how many. Raises Conflict as above."""
    access.require(actor, permissions.WRITE, batch.project)
    batch = held_batch(batch)
    if is_live(batch):
        raise Conflict(_("This batch is being read: stop its job first."), "started")
    left = [Item.State.FAILED, Item.State.WAITING, Item.State.READING]
    items = list(batch.items.filter(state__in=left).select_related("file"))
    for item in items:
        erase(actor, item, "dropped")
    if items:
        audit.record(actor, "prescriptions.files_dropped", batch, files=len(items))
    return len(items)


def erase(actor: Actor | None, item: Item, reason: str) -> None:
    stored, item.file, item.state = item.file, None, Item.State.DROPPED
    item.save(update_fields=["file", "state"])
    if stored is not None:
        files.erase(actor, stored, reason)


def expire() -> int:
    """Erase the files of what failed or was never read within a month; gives how many."""
    left = [Item.State.FAILED, Item.State.WAITING]
    old = Item.objects.filter(state__in=left, file__isnull=False, created_at__lt=timezone.now() - KEPT)
    items = [item for item in old.select_related("file", "batch") if not is_live(item.batch)]
    for item in items:
        with transaction.atomic():
            erase(None, item, "expired")
    return len(items)


def same_as(batch: Batch, stored: StoredFile) -> Document | None:
    """The prescription, deleted ones included, that the same bytes have become before in this project."""
    return Document.objects.filter(project=batch.project, digest=stored.digest).first()
