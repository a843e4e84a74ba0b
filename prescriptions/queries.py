"""Reads that need more than a manager call: limited to what the actor may see, never more queries for more rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from core.access.models import Project
from core.portal.search import Hit
from prescriptions import permissions
from prescriptions.models import Document, Line, Reconciliation

if TYPE_CHECKING:
    from core.access.scope import Actor


def documents_of(actor: Actor, project: Project, *, deleted: bool = False) -> QuerySet[Document]:
    """The prescriptions of a project with counts of their lines; no text is opened."""
    return (
        Document.objects.visible_to(actor)
        .filter(project=project, deleted_at__isnull=not deleted)
        .select_related("author", "project", "reviewed_by")
        .defer("text", "reading")
        .annotate(
            line_count=Count("lines"),
            settled=Count("lines", filter=~Q(lines__state=Line.State.WAITING)),
            unsure=Sum("lines__uncertain", filter=Q(lines__state=Line.State.WAITING), default=0),
        )
    )


def lines_of(document: Document) -> list[Line]:
    """The lines of a prescription in order; each knows its document without another query."""
    lines = list(
        Line.objects.filter(document=document).select_related("corrected_by", "settled_by").order_by("position")
    )
    for line in lines:
        line.document = document
    return lines


def lines_by_document(documents: Sequence[Document]) -> dict[Any, list[Line]]:
    """The lines of several prescriptions in order, by one query; each knows its document without another."""
    known = {document.pk: document for document in documents}
    found: dict[Any, list[Line]] = {pk: [] for pk in known}
    for line in Line.objects.filter(document__in=known).order_by("document", "position"):
        line.document = known[line.document_id]
        found[line.document_id].append(line)
    return found


def to_export(
    actor: Actor, project: Project, numbers: Collection[int] = (), *, unreviewed: bool = False
) -> QuerySet[Document]:
    """Whole prescriptions that may leave, in the order of their numbers: all of them where none is named."""
    rows = Document.objects.visible_to(actor, permissions.EXPORT).filter(project=project, deleted_at=None)
    if numbers:
        rows = rows.filter(number__in=numbers)
    if not unreviewed:
        rows = rows.filter(status=Document.Status.REVIEWED)
    return rows.select_related("project").order_by("number")


def reconciliations_of(actor: Actor, project: Project) -> QuerySet[Reconciliation]:
    """The reconciliations of a project; none of what they hold is opened."""
    rows = Reconciliation.objects.visible_to(actor).filter(project=project).defer("content")
    return rows.select_related("author", "project", "before", "after").defer(
        "content", "before__text", "before__reading", "after__text", "after__reading"
    )


def to_review(actor: Actor, *projects: Project) -> QuerySet[Document]:
    """What waits for the actor's review in these projects."""
    return Document.objects.visible_to(actor, permissions.WRITE).filter(
        project__in=projects, status=Document.Status.DRAFT, deleted_at=None
    )


def exportable(project: Project) -> QuerySet[Line]:
    """Validated lines of reviewed prescriptions."""
    return (
        Line.objects.filter(
            document__project=project,
            document__status=Document.Status.REVIEWED,
            document__deleted_at=None,
            state=Line.State.VALIDATED,
        )
        .select_related("document__project")
        .order_by("document__number", "position")
    )


def search(actor: Actor, words: str) -> list[Hit]:
    """Prescriptions by their number: what is in them is sealed."""
    digits = "".join(character for character in words if character.isdecimal())
    if not digits or len(digits) > 9:
        return []
    found = Document.objects.visible_to(actor).filter(number=int(digits), deleted_at=None)
    return [
        Hit(
            str(document),
            document.get_absolute_url(),
            kind=_("Prescription"),
            icon="prescription",
            project=str(document.project),
        )
        for document in found.select_related("project").defer("text", "reading")[:20]
    ]
