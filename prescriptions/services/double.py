"""Two people read a prescription without seeing each other's reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict
from prescriptions import blinding, permissions, reference
from prescriptions.engine.scans import packing
from prescriptions.models import Document, Rules
from prescriptions.services import documents
from prescriptions.services import opinions as asked
from prescriptions.services.adjudication import conclude, differences, remember
from prescriptions.services.documents import keep_lines, locked, person, require_settled

if TYPE_CHECKING:
    from core.access.scope import Actor


@transaction.atomic
def set_rules(actor: Actor, project: Project, *, double: bool, opinions: bool = False) -> Rules:
    """Say whether two people read each prescription from now on, and whether a model is asked about unsure lines."""
    access.require(actor, permissions.MANAGE, project)
    rules, _made = Rules.objects.select_for_update(of=("self",)).get_or_create(project=project)
    if (rules.double, rules.opinions) != (double, opinions):
        rules.double, rules.opinions = double, opinions
        rules.save(update_fields=["double", "opinions"])
        audit.record(actor, "prescriptions.rules_set", rules, project=project, double=double, opinions=opinions)
    return rules


@transaction.atomic
def validate_document(actor: Actor, document: Document) -> Document:
    """Say that the review is finished, or one of its two readings. Raises Invalid while a line waits."""
    if document.twin_of_id is None and not blinding.is_shared(document):
        return documents.validate_document(actor, document)
    access.require(actor, permissions.WRITE, document.project, obj=document)
    locked(document.twin_of or document)  # whoever ends last finds the other reading ended
    document = locked(document)
    blinding.require_own(actor, document)
    require_settled(document)
    if document.read_at is None and document.status == Document.Status.DRAFT:
        finish_reading(actor, document)
    return document


@transaction.atomic
def begin_reading(actor: Actor, document: Document) -> Document:
    """The actor's own reading of a prescription: the first one, or the second, made from the same text.

    A second reading whose reader has left is taken over. Raises Conflict where two other people read the prescription,
    or its review is finished.
    """
    access.require(actor, permissions.WRITE, document.project, obj=document)
    first = locked(document.twin_of or document)
    if first.status == Document.Status.REVIEWED:
        raise Conflict(_("The review of this prescription is finished."), "reviewed")
    if not blinding.is_shared(first):
        return first
    if first.assigned_to_id in (None, person(actor).pk):
        if first.assigned_to_id is None:
            first.assigned_to = person(actor)
            first.save(update_fields=["assigned_to"])
        return first
    twin = blinding.readings(first)[1] or second_of(actor, first)
    if twin.assigned_to_id == person(actor).pk:
        return twin
    if twin.read_at or (twin.assigned_to and access.can(twin.assigned_to, permissions.WRITE, first.project)):
        raise Conflict(_("Two other people read this prescription already."), "taken")
    twin.assigned_to = person(actor)
    twin.save(update_fields=["assigned_to"])
    return twin


def second_of(actor: Actor, first: Document) -> Document:
    """The same text as the machine reads it, for a second person."""
    twin = Document.objects.create(
        project=first.project,
        number=first.number,
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
    asked.start(actor, first.project, [twin.pk])
    return twin


def finish_reading(actor: Actor, document: Document) -> Document:
    """End one of the two readings, whose row is held; where both say the same, the review is finished with it."""
    document.read_at = timezone.now()
    document.save(update_fields=["read_at"])
    first, twin = blinding.readings(document)
    audit.record(actor, "prescriptions.reading_finished", first)
    if twin and first.read_at and twin.read_at and not differences(first, twin):
        remember(first)
        conclude(actor, first)
    return document
