"""Prescriptions by their number, or by a medicine in their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from core.access.models import Project
from core.portal.search import Hit
from prescriptions.engine.text import plain
from prescriptions.models import Document, Line

if TYPE_CHECKING:
    from core.access.scope import Actor

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
        for document in found.select_related("project").defer("text", "reading", "scan", "as_read")[:20]
    ]
