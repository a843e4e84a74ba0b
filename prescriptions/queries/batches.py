"""The batches of files of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from core.access.models import Project
from prescriptions.models import Batch, Item

if TYPE_CHECKING:
    from core.access.scope import Actor


def batches_of(actor: Actor, project: Project) -> QuerySet[Batch]:
    """The batches of a project with how many of their files are in which state; none is opened."""
    counts = {
        state.value: Count("items", filter=Q(items__state=state))
        for state in (Item.State.WAITING, Item.State.READING, Item.State.READY, Item.State.TWICE, Item.State.FAILED)
    }
    rows = Batch.objects.visible_to(actor).filter(project=project).select_related("author", "project")
    return rows.annotate(**counts, total=Count("items", filter=~Q(items__state=Item.State.UNPACKED)))


def items_of(batch: Batch) -> QuerySet[Item]:
    """The files of a batch with what they have become, of which nothing is opened; without archives it is unpacked."""
    rows = batch.items.exclude(state=Item.State.UNPACKED).select_related("document__project", "batch__project")
    unopened = (f"document__{name}" for name in ("text", "reading", "scan", "as_read"))
    return rows.defer(*unopened).order_by("position")


def unsettled_batches(actor: Actor, project: Project) -> QuerySet[Batch]:
    """Batches in which something waits, is being read, or failed."""
    left = Item.objects.filter(state__in=[Item.State.WAITING, Item.State.READING, Item.State.FAILED])
    return batches_of(actor, project).filter(pk__in=left.filter(batch__project=project).values("batch"))
