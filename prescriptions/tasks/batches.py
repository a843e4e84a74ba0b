"""Read the files of a batch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import jobs
from prescriptions import permissions
from prescriptions.models import Batch, Item
from prescriptions.services import opinions, reading
from prescriptions.services.batches import TASK


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
    ready = batch.items.filter(state=Item.State.READY).values_list("document", flat=True)
    with run.fenced():
        opinions.start(run.actor, batch.project, list(ready))
    found = {
        state.value: batch.items.filter(state=state).count()
        for state in (Item.State.READY, Item.State.TWICE, Item.State.FAILED)
    }
    return {**found, "url_name": "prescriptions:batch", "url_args": [batch.project.slug, str(batch.pk)]}


def next_of(batch: Batch) -> Item | None:
    """The file to be read next: one whose reading was broken off, then those that wait, in their order."""
    left = batch.items.filter(state__in=[Item.State.READING, Item.State.WAITING]).select_related("file__project")
    return left.order_by("state", "position").first()
