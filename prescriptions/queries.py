"""Reads that need more than a manager call: limited to what the actor may see, never more queries for more rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from core.access.models import Project
from core.jobs.models import Job
from core.portal.search import Hit
from prescriptions import permissions
from prescriptions.engine.text import plain
from prescriptions.models import Batch, CaseSet, Document, Item, Line, Reconciliation, Reference, Run, RunCase, Step

if TYPE_CHECKING:
    from core.access.scope import Actor


LOADING = "prescriptions.load_reference"
"""The job that makes an edition."""


def documents_of(actor: Actor, project: Project, *, deleted: bool = False) -> QuerySet[Document]:
    """The prescriptions of a project with counts of their lines; no text is opened."""
    return (
        Document.objects.visible_to(actor)
        .filter(project=project, deleted_at__isnull=not deleted, twin_of=None)
        .select_related("author", "project", "reviewed_by", "assigned_to")
        .defer("text", "reading", "scan")
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


SEARCHED = 5000
"""Lines that a search for a medicine opens: what is in them is sealed, and no index tells of it."""


def with_medicine(project: Project, word: str) -> Q:
    """The prescriptions of the project in whose newest lines a medicine's name or ATC code has this word in it."""
    wanted = plain(word)
    lines = Line.objects.filter(document__project=project).select_related("document").only("reading", "document")
    lines = lines.order_by("-document__number")[:SEARCHED]
    found = set()
    for line in lines:
        line.document.project = project
        medication = line.reading.get("medication", {})
        if any(wanted in plain(medication.get(key) or "") for key in ("name", "atc")):
            found.add(line.document_id)
    return Q(pk__in=found)


def batches_of(actor: Actor, project: Project) -> QuerySet[Batch]:
    """The batches of a project with how many of their files are in which state; none is opened."""
    counts = {
        state.value: Count("items", filter=Q(items__state=state))
        for state in (Item.State.WAITING, Item.State.READING, Item.State.READY, Item.State.TWICE, Item.State.FAILED)
    }
    rows = Batch.objects.visible_to(actor).filter(project=project).select_related("author", "project")
    return rows.annotate(**counts, total=Count("items", filter=~Q(items__state=Item.State.UNPACKED)))


def unsettled_batches(actor: Actor, project: Project) -> QuerySet[Batch]:
    """Batches in which something waits, is being read, or failed."""
    left = Item.objects.filter(state__in=[Item.State.WAITING, Item.State.READING, Item.State.FAILED])
    return batches_of(actor, project).filter(pk__in=left.filter(batch__project=project).values("batch"))


def may_look_at(actor: Actor, key: str) -> bool:
    """Whether the actor may see the prescription whose review this is."""
    try:
        return Document.objects.visible_to(actor).filter(pk=key, deleted_at=None).exists()
    except ValidationError:
        return False


def steps_of(actor: Actor, document: Document) -> dict[str, bool]:
    """Whether the actor has something to undo in the review of this prescription, and something to do again."""
    found = set(Step.objects.filter(document=document, actor=actor.pk).values_list("undone", flat=True))
    return {"can_undo": False in found, "can_redo": True in found}


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
    rows = Document.objects.visible_to(actor, permissions.EXPORT).filter(project=project, deleted_at=None, twin_of=None)
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
    mine = Q(assigned_to=None) | Q(assigned_to=actor.pk)
    return Document.objects.visible_to(actor, permissions.WRITE).filter(
        mine, project__in=projects, status=Document.Status.DRAFT, deleted_at=None, read_at=None
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


def loading_job() -> Job | None:
    """The job that loads an edition, while it lives."""
    return Job.objects.live().filter(task=LOADING).select_related("owner", "project").first()


def edition_in_use() -> Reference | None:
    """The edition of the medicines that prescriptions are read with; None for the list that comes with the suite."""
    kind = Reference.Kind.MEDICINES
    return Reference.objects.filter(kind=kind, is_current=True).exclude(file=None).first()


def may_search(actor: Actor) -> bool:
    """Whether somebody reads prescriptions anywhere, and so may look medicines up."""
    return Project.objects.visible_to(actor, permissions.READ).exists()


def search(actor: Actor, words: str) -> list[Hit]:
    """Prescriptions by their number: what is in them is sealed."""
    digits = "".join(character for character in words if character.isdecimal())
    if not digits or len(digits) > 9:
        return []
    found = Document.objects.visible_to(actor).filter(number=int(digits), deleted_at=None, twin_of=None)
    return [
        Hit(
            str(document),
            document.get_absolute_url(),
            kind=_("Prescription"),
            icon="prescription",
            project=str(document.project),
        )
        for document in found.select_related("project").defer("text", "reading", "scan")[:20]
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
