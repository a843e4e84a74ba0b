"""Two people read a prescription without seeing each other's reading; who may, settles what differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from prescriptions import permissions, reference
from prescriptions.blinding import is_double, require_own
from prescriptions.engine import agreement
from prescriptions.engine.scans import packing
from prescriptions.models import Document, Line, Rules
from prescriptions.services import documents
from prescriptions.services.documents import keep_lines, locked, mark_stale, person, require_settled
from prescriptions.services.history import lines_in, renumber

if TYPE_CHECKING:
    from core.access.scope import Actor

FIRST, SECOND = "first", "second"


@transaction.atomic
def set_rules(actor: Actor, project: Project, *, double: bool) -> Rules:
    """Say whether two people read each prescription of the project from now on."""
    access.require(actor, permissions.MANAGE, project)
    rules, _made = Rules.objects.select_for_update(of=("self",)).get_or_create(project=project)
    if rules.double != double:
        rules.double = double
        rules.save(update_fields=["double"])
        audit.record(actor, "prescriptions.rules_set", rules, project=project, double=double)
    return rules


@transaction.atomic
def validate_document(actor: Actor, document: Document) -> Document:
    """Say that the review is finished, or one of its two readings. Raises Invalid while a line waits."""
    if document.twin_of_id is None and not is_double(document.project):
        return documents.validate_document(actor, document)
    access.require(actor, permissions.WRITE, document.project, obj=document)
    document = locked(document)
    require_own(actor, document)
    require_settled(document)
    if document.read_at is None and document.status == Document.Status.DRAFT:
        finish_reading(actor, document)
    return document


@transaction.atomic
def begin_reading(actor: Actor, document: Document) -> Document:
    """The actor's own reading of a prescription: the first one, or the second, made from the same text.

    Raises Conflict where two other people read it, or its review is finished.
    """
    access.require(actor, permissions.WRITE, document.project, obj=document)
    first = locked(document.twin_of or document)
    if first.status == Document.Status.REVIEWED:
        raise Conflict(_("The review of this prescription is finished."), "reviewed")
    if first.assigned_to_id in (None, person(actor).pk):
        if first.assigned_to_id is None:
            first.assigned_to = person(actor)
            first.save(update_fields=["assigned_to"])
        return first
    twin = Document.objects.filter(twin_of=first).first() or second_of(actor, first)
    if twin.assigned_to_id != person(actor).pk:
        raise Conflict(_("Two other people read this prescription already."), "taken")
    return twin


def second_of(actor: Actor, first: Document) -> Document:
    """The same text as the machine reads it, for a second person."""
    last = Document.objects.filter(project=first.project).aggregate(last=Max("number"))["last"] or 0
    twin = Document.objects.create(
        project=first.project,
        number=last + 1,
        author=person(actor),
        assigned_to=person(actor),
        text=first.text,
        reading=first.reading,
        scan=first.scan,
        reference=first.reference,
        twin_of=first,
    )
    scan = packing.unpack(first.text, first.scan or ())
    _name, found = reference.read(first.text, first.reference, scan)
    keep_lines(twin, found)
    audit.record(actor, "prescriptions.second_reading_begun", first)
    return twin


def finish_reading(actor: Actor, document: Document) -> Document:
    """End one of the two readings, whose row is held; where both say the same, the review is finished with it."""
    document.read_at = timezone.now()
    document.save(update_fields=["read_at"])
    first = document.twin_of or document
    audit.record(actor, "prescriptions.reading_finished", first)
    twin = Document.objects.filter(twin_of=first).first()
    if twin and first.read_at and twin.read_at and not differing(first, twin):
        conclude(actor, first)
    return document


def differing(first: Document, twin: Document) -> list[int]:
    """Which pairs of lines differ: in a field, or in what was decided about the line."""
    return [place for place, (one, other) in enumerate(paired(first, twin)) if differs(one, other)]


def differs(one: Line | None, other: Line | None) -> bool:
    if one is None or other is None:
        return True
    settled = Line.State.VALIDATED
    if one.state != other.state:
        return True
    return one.state == settled and bool(agreement.differences(one.read, other.read))


def paired(first: Document, twin: Document) -> list[tuple[Line | None, Line | None]]:
    """The rows of both readings beside each other, in the order of the text."""
    rows = [list(lines_in(each).values()) for each in (first, twin)]
    reads = [[(line, line.read) for line in lines] for lines in rows]
    found = agreement.pairs([read for _line, read in reads[0]], [read for _line, read in reads[1]])
    by_read = {id(read): line for lines in reads for line, read in lines}
    return [(by_read.get(id(one)), by_read.get(id(other))) for one, other in found]


@transaction.atomic
def adjudicate(actor: Actor, document: Document, choices: Mapping[int, str]) -> Document:
    """Settle each difference by one of the two readings, which becomes that of the prescription.

    Raises Invalid with every difference that is left open, Conflict while one of the two still reads.
    """
    access.require(actor, permissions.ADJUDICATE, document.project, obj=document)
    first = locked(document)
    twin = Document.objects.filter(twin_of=first).first()
    if twin is None or first.read_at is None or twin.read_at is None:
        raise Conflict(_("Both readings are to be finished first."), "reading")
    if first.status == Document.Status.REVIEWED:
        raise Conflict(_("The review of this prescription is finished."), "reviewed")
    rows, open_ = paired(first, twin), differing(first, twin)
    if missing := [place for place in open_ if choices.get(place) not in (FIRST, SECOND)]:
        message = _("Choose one of the two readings.")
        raise Invalid([Fault(f"pairs.{place}", "open", message) for place in missing], message)
    taken = 0
    for place in open_:
        if choices[place] == SECOND:
            take(first, *rows[place])
            taken += 1
    renumber(first)
    audit.record(actor, "prescriptions.readings_adjudicated", first, differences=len(open_), second=taken)
    return conclude(actor, first)


def take(first: Document, one: Line | None, other: Line | None) -> None:
    """Put the second reading of a line in the place of the first one."""
    if other is None:
        assert one is not None  # a pair has at least one line
        one.delete()
        return
    line = one or Line(document=first, position=2_000_000_000 - other.position)
    for name in ("reading", "uncertain", "product", "state", "settled_by_id", "settled_at", "corrected_by_id"):
        setattr(line, name, getattr(other, name))
    line.revision += 1
    line.save()


def conclude(actor: Actor, first: Document) -> Document:
    """The two readings are one: the review is finished."""
    first.status, first.reviewed_by, first.reviewed_at = Document.Status.REVIEWED, person(actor), timezone.now()
    first.save(update_fields=["status", "reviewed_by", "reviewed_at"])
    audit.record(actor, "prescriptions.document_reviewed", first, lines=first.lines.count())
    mark_stale(first.project)
    return first
