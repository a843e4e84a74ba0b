"""From an address to what it names, if the reader may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from core import access
from core.access.models import Project
from prescriptions.models import Document, Line, Reconciliation

if TYPE_CHECKING:
    from core.access.scope import Actor


def project_of(actor: Actor, slug: str) -> Project:
    found: Project = access.fetch(Project.objects.all(), actor, slug=slug)
    return found


def document_of(actor: Actor, project: Project, pk: UUID, *, deleted: bool = False) -> Document:
    rows = Document.objects.filter(project=project, deleted_at__isnull=not deleted).select_related(
        "author", "project", "reviewed_by", "assigned_to", "file__project", "twin_of__project"
    )
    found: Document = access.fetch(rows, actor, pk=pk)
    return found


def line_of(actor: Actor, project: Project, pk: UUID) -> Line:
    rows = Line.objects.filter(document__project=project, document__deleted_at=None).select_related("document__project")
    found: Line = access.fetch(rows, actor, pk=pk)
    return found


def reconciliation_of(actor: Actor, project: Project, pk: UUID) -> Reconciliation:
    rows = Reconciliation.objects.filter(project=project).select_related("author", "project", "before", "after")
    found: Reconciliation = access.fetch(rows, actor, pk=pk)
    return found
