"""Read the files of a batch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import jobs
from prescriptions import permissions
from prescriptions.models import Batch, Item
from prescriptions.services import opinions, reading, unpacking
from prescriptions.services.batches import TASK

LEFT = (Item.State.READING, Item.State.WAITING)
AT_ONCE = 20
"""Files between two counts of what is left."""


@jobs.task(
    TASK, label=gettext_lazy("Read the files of a batch of prescriptions"),
    queue="heavy", limit=timedelta(hours=12), retries=5, needs=permissions.WRITE,
)  # fmt: skip
def read_batch(run: jobs.Run, *, batch_id: str) -> dict[str, Any]:
    """One file after the other, archives first unpacked; what a file became is written together with its state.

    Killed anywhere, it goes on with the file that it was at: none is lost, and none becomes two prescriptions.
    """
    batch = Batch.objects.select_related("project").get(pk=batch_id)

    def report(more: int = 0) -> None:
        run.progress(counts["total"] - counts["left"] + more, counts["total"], _("Reading the files"))

    while items := next_of(batch):
        counts = counted(batch)
        for place, item in enumerate(items):
            report(place)
            item.batch = batch
            with run.fenced():
                begun = reading.begin(item)
            if begun and item.kind == "zip":
                unpacking.unpack(run.actor, item, run.fenced, report)
            elif begun:
                reading.read_item(run.actor, item, run.fenced)
    counts = counted(batch)
    report()
    ready = batch.items.filter(state=Item.State.READY).values_list("document", flat=True)
    with run.fenced():
        opinions.start(run.actor, batch.project, list(ready))
    found = {state.value: counts[state] for state in (Item.State.READY, Item.State.TWICE, Item.State.FAILED)}
    return {**found, "url_name": "prescriptions:batch", "url_args": [batch.project.slug, str(batch.pk)]}


def next_of(batch: Batch) -> list[Item]:
    """The files to be read next: one whose reading was broken off, then those that wait, in their order."""
    left = batch.items.filter(state__in=LEFT).select_related("file__project").order_by("state", "position")
    return list(left[:AT_ONCE])


def counted(batch: Batch) -> dict[str, int]:
    """How many files the batch has, how many of them are left to read, and how many came to each end."""
    ends = {state.value: Count("pk", filter=Q(state=state)) for state in Item.State}
    items = batch.items.exclude(state=Item.State.UNPACKED)
    return items.aggregate(total=Count("pk"), left=Count("pk", filter=Q(state__in=LEFT)), **ends)
