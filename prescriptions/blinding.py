"""While two people read the same prescription, neither sees what the other does, and nobody else changes either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from prescriptions.models import Document, Rules

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor


def is_double(project: Project) -> bool:
    """Whether two people read each prescription of the project."""
    return Rules.objects.filter(project=project, double=True).exists()


def readings(document: Document) -> tuple[Document, Document | None]:
    """The first reading and the second one, where somebody has begun it."""
    first = document.twin_of or document
    return first, document if document.twin_of_id else Document.objects.filter(twin_of=first).first()


def is_shared(document: Document) -> bool:
    """Whether two people read this prescription, or will, and their readings aren't one yet."""
    first, twin = readings(document)
    waits = first.status == Document.Status.DRAFT and first.as_read is None
    return waits and (twin is not None or is_double(first.project))


def is_own(actor: Actor, document: Document) -> bool:
    """Whether the actor may change this reading."""
    return not is_shared(document) or document.assigned_to_id == actor.pk


def is_blind(actor: Actor, document: Document) -> bool:
    """Whether the actor may not see this reading yet: it is somebody else's, and is to be compared with another."""
    if not is_shared(document) or document.assigned_to_id in (None, actor.pk):
        return False
    first, twin = readings(document)
    return not (twin and first.read_at and twin.read_at)


def require_open(actor: Actor, document: Document) -> None:
    """Raises PermissionDenied, in words, for a reading that the actor may not see yet."""
    if is_blind(actor, document):
        raise PermissionDenied(
            _("Two people read this prescription without seeing each other’s reading: this one isn’t yours.")
        )


def require_own(actor: Actor, document: Document) -> None:
    """Raises PermissionDenied, in words, for a reading that isn't the actor's to change."""
    if not is_own(actor, document):
        raise PermissionDenied(_("Two people read this prescription: begin your own reading of it first."))
