"""Reads that need more than a manager call: limited to what the actor may see, never more queries for more rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from core.access.models import Project
from core.portal.search import Hit
from prescriptions import permissions
from prescriptions.models import CaseSet, Document, Line, Run, RunCase

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


# evaluation ---------------------------------------------------------------------------------------------------------


def case_sets(actor: Actor, project: Project) -> QuerySet[CaseSet]:
    """The sets of cases of a project, with the number of their runs."""
    return (
        CaseSet.objects.visible_to(actor)
        .filter(project=project)
        .select_related("author", "project")
        .annotate(run_count=Count("runs"))
    )


def runs(actor: Actor, project: Project) -> QuerySet[Run]:
    """The runs over the sets of a project; no report is opened."""
    return (
        Run.objects.visible_to(actor)
        .filter(case_set__project=project)
        .select_related("author", "case_set__project")
        .defer("report")
    )


def cases_of(run: Run) -> QuerySet[RunCase]:
    """What a run made of each case."""
    return RunCase.objects.filter(run=run).select_related("run__case_set__project").order_by("position")
