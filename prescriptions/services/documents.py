"""Structure a text, finish its review, delete it and bring it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, datasets
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from prescriptions import engine, permissions, reference
from prescriptions.engine.scans import packing
from prescriptions.engine.scans.page import Scan
from prescriptions.models import Document, Line

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.accounts.models import User

LONGEST = 20_000
"""Characters of one ordonnance: ten dense pages."""
UNSURE = 0.8
"""Below this confidence a field is marked to be checked."""


def person(actor: Actor) -> User:
    """The account behind an actor who was granted a permission, which nobody is without signing in."""
    return cast("User", actor)


def check_text(text: str) -> str:
    """The text, if it is one that can be read. Raises Invalid."""
    if not text.strip():
        raise Invalid([Fault("text", "empty", _("Paste the text of a prescription first."))])
    if len(text) > LONGEST:
        message = _("The text has %(count)s characters; the most is %(most)s. Paste one prescription at a time.")
        raise Invalid([Fault("text", "too_long", message % {"count": len(text), "most": LONGEST})])
    if "\x00" in text:
        raise Invalid([Fault("text", "not_text", _("This isn’t text: it holds a null character."))])
    return text.replace("\r\n", "\n").replace("\r", "\n")


def structure_only(actor: Actor, project: Project, text: str, edition: str = "") -> tuple[str, engine.Ordonnance]:
    """(list of medicines, reading) of a text of which nothing is kept, with the current list or a named one.

    Raises Invalid, and Conflict for a list that isn't kept here.
    """
    access.require(actor, permissions.WRITE, project)
    name, found = reference.read(check_text(text), edition)
    audit.record(
        actor,
        "prescriptions.text_structured",
        project=project,
        characters=len(text),
        lines=len(found.lines),
        reference=name,
    )
    return name, found


def keep(actor: Actor, project: Project, text: str, scan: Scan | None = None, **given: Any) -> Document:
    """Read the text and keep it with its lines, in the transaction of the caller, who has checked both.

    `scan` has the places of its words, `given` further fields of the prescription: its key, the file it was read from.
    """
    name, found = reference.read(text, scan=scan)
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    last = Document.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    document = Document.objects.create(
        project=project,
        number=last + 1,
        author=person(actor),
        text=text,
        reading={
            "document": engine.encode(found.document),
            "passages": [engine.encode(passage) for passage in found.passages],
        },
        reference=name,
        scan=packing.pack(scan) if scan and scan.pages else None,
        **given,
    )
    keep_lines(document, found)
    audit.record(
        actor,
        "prescriptions.document_structured",
        document,
        characters=len(text),
        lines=len(found.lines),
        reference=name,
    )
    return document


def keep_lines(document: Document, found: engine.Ordonnance) -> None:
    """The lines that were read, which wait for review."""
    Line.objects.bulk_create(
        Line(document=document, position=position, reading=engine.encode(line), uncertain=count_uncertain(line))
        for position, line in enumerate(found.lines, 1)
    )


def count_uncertain(line: engine.Line) -> int:
    """How many places of the line a person has to look at."""
    return len({(item.start, item.end) for item in line.evidence if item.confidence < UNSURE})


def locked(document: Document) -> Document:
    """The row, held until the end of the transaction. Raises Conflict once it is deleted."""
    held = Document.objects.select_for_update(of=("self",)).select_related("project").get(pk=document.pk)
    if held.deleted_at is not None:
        raise Conflict(_("This prescription has been deleted: bring it back first."), "deleted")
    return held


@transaction.atomic
def validate_document(actor: Actor, document: Document) -> Document:
    """Say that the review is finished. Raises Invalid while a line is neither validated nor set aside."""
    access.require(actor, permissions.WRITE, document.project, obj=document)
    document = locked(document)
    require_settled(document)
    if document.status != Document.Status.REVIEWED:
        document.status, document.reviewed_by, document.reviewed_at = (
            Document.Status.REVIEWED,
            person(actor),
            timezone.now(),
        )
        document.save(update_fields=["status", "reviewed_by", "reviewed_at"])
        audit.record(actor, "prescriptions.document_reviewed", document, lines=document.lines.count())
        mark_stale(document.project)
    return document


def require_settled(document: Document) -> None:
    """Raises Invalid, with each line that still waits."""
    waiting = Line.objects.filter(document=document, state=Line.State.WAITING).values_list("position", flat=True)
    if faults := [
        Fault(
            f"lines.{position}", "waiting", _("Line %(number)s is to be validated or set aside.") % {"number": position}
        )
        for position in waiting
    ]:
        raise Invalid(faults, _("The review isn’t finished."))


@transaction.atomic
def reopen_document(actor: Actor, document: Document) -> Document:
    """Take the review up again; two readings that were made one stay one."""
    access.require(actor, permissions.WRITE, document.project, obj=document)
    document = locked(document)
    if document.status == Document.Status.REVIEWED:
        document.status, document.reviewed_by, document.reviewed_at = Document.Status.DRAFT, None, None
        document.read_at = None
        document.save(update_fields=["status", "reviewed_by", "reviewed_at", "read_at"])
        audit.record(actor, "prescriptions.document_reopened", document)
        mark_stale(document.project)
    return document


@transaction.atomic
def delete_document(actor: Actor, document: Document) -> Document:
    """Take it out of lists and exports, with both its readings where two people read it; it can be brought back."""
    access.require(actor, permissions.WRITE, document.project, obj=document)
    document = locked(document.twin_of or document)
    mark_deleted(document, timezone.now(), actor)
    audit.record(actor, "prescriptions.document_deleted", document)
    mark_stale(document.project)
    return document


@transaction.atomic
def restore_document(actor: Actor, document: Document) -> Document:
    access.require(actor, permissions.WRITE, document.project, obj=document)
    rows = Document.objects.select_for_update(of=("self",)).select_related("project")
    document = rows.get(pk=document.twin_of_id or document.pk)
    if document.deleted_at is not None:
        mark_deleted(document, None, None)
        audit.record(actor, "prescriptions.document_restored", document)
        mark_stale(document.project)
    return document


def mark_deleted(document: Document, at: dt.datetime | None, by: Actor | None) -> None:
    document.deleted_at, document.deleted_by = at, person(by) if by else None
    both = Document.objects.filter(Q(pk=document.pk) | Q(twin_of=document))
    both.update(deleted_at=document.deleted_at, deleted_by=document.deleted_by)


@transaction.atomic
def assign_documents(actor: Actor, documents: Sequence[Document], to: Actor | None) -> int:
    """Say who reviews these prescriptions, or that anybody may. Gives how many it is new for.

    Raises Invalid for who may not review them.
    """
    changed = 0
    for document in documents:
        access.require(actor, permissions.WRITE, document.project, obj=document)
        if to is not None and not access.can(to, permissions.WRITE, document.project):
            message = _("%(name)s may not review prescriptions in this project.") % {"name": to}
            raise Invalid([Fault("assigned_to", "not_allowed", message)])
        document = locked(document)
        if document.assigned_to_id != (to.pk if to else None):
            document.assigned_to = person(to) if to else None
            document.save(update_fields=["assigned_to"])
            audit.record(actor, "prescriptions.document_assigned", document, to=str(to.pk) if to else "")
            changed += 1
    return changed


DATASET = "prescription-lines"


def mark_stale(project: Project) -> None:
    """The exported dataset no longer holds what was validated last."""
    datasets.mark_stale(project, DATASET)


def provenance(document_count: int, references: list[str]) -> dict[str, Any]:
    return {"source": "prescriptions", "documents": document_count, "references": references}
