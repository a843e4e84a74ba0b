"""What may leave a project, and reconciliations."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from core.access.models import Project
from prescriptions import permissions
from prescriptions.blinding import is_double
from prescriptions.models import Document, Line, Reconciliation

if TYPE_CHECKING:
    from core.access.scope import Actor


def to_export(
    actor: Actor, project: Project, numbers: Collection[int] = (), *, unreviewed: bool = False
) -> QuerySet[Document]:
    """Whole prescriptions that may leave, in the order of their numbers: all of them where none is named.

    What two people are reading leaves once their readings are one.
    """
    rows = Document.objects.visible_to(actor, permissions.EXPORT).filter(project=project, deleted_at=None, twin_of=None)
    if numbers:
        rows = rows.filter(number__in=numbers)
    if not unreviewed or is_double(project):
        rows = rows.filter(status=Document.Status.REVIEWED)
    rows = rows.exclude(status=Document.Status.DRAFT, twin__isnull=False, as_read__isnull=True)
    return rows.select_related("project").order_by("number")


def exportable(project: Project) -> QuerySet[Line]:
    """Validated lines of reviewed prescriptions."""
    return (
        Line.objects.filter(
            document__project=project,
            document__status=Document.Status.REVIEWED,
            document__deleted_at=None,
            document__twin_of=None,
            state=Line.State.VALIDATED,
        )
        .select_related("document__project")
        .order_by("document__number", "position")
    )


def reconciliations_of(actor: Actor, project: Project) -> QuerySet[Reconciliation]:
    """The reconciliations of a project; none of what they hold is opened."""
    rows = Reconciliation.objects.visible_to(actor).filter(project=project).defer("content")
    return rows.select_related("author", "project", "before", "after").defer(
        "content", "before__text", "before__reading", "after__text", "after__reading"
    )
