"""The prescriptions of a project, their lines, and what waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet, Sum

from core.access.models import Project
from prescriptions import permissions
from prescriptions.models import Document, Line, Step

if TYPE_CHECKING:
    from core.access.scope import Actor


def documents_of(actor: Actor, project: Project, *, deleted: bool = False) -> QuerySet[Document]:
    """The prescriptions of a project with counts of their lines; no text is opened."""
    return (
        Document.objects.visible_to(actor)
        .filter(project=project, deleted_at__isnull=not deleted, twin_of=None)
        .select_related("author", "project", "reviewed_by", "assigned_to")
        .defer("text", "reading", "scan", "as_read")
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


def steps_of(actor: Actor, document: Document) -> dict[str, bool]:
    """Whether the actor has something to undo in the review of this prescription, and something to do again."""
    found = set(Step.objects.filter(document=document, actor=actor.pk).values_list("undone", flat=True))
    return {"can_undo": False in found, "can_redo": True in found}


def to_review(actor: Actor, *projects: Project) -> QuerySet[Document]:
    """What waits for the actor's review in these projects."""
    mine = Q(assigned_to=None) | Q(assigned_to=actor.pk)
    return Document.objects.visible_to(actor, permissions.WRITE).filter(
        mine, project__in=projects, status=Document.Status.DRAFT, deleted_at=None, read_at=None
    )


def may_look_at(actor: Actor, key: str) -> bool:
    """Whether the actor may see the prescription whose review this is."""
    try:
        return Document.objects.visible_to(actor).filter(pk=key, deleted_at=None).exists()
    except ValidationError:
        return False
