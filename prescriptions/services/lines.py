"""Correct a field of a line, validate the line, set it aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from prescriptions import engine, permissions, reference
from prescriptions.engine import correction
from prescriptions.models import Document, Line
from prescriptions.services.documents import count_uncertain, locked, person

if TYPE_CHECKING:
    from core.access.scope import Actor

NOT_UNDERSTOOD = {
    "name": gettext_lazy("A name is needed. If this is no medicine, set the line aside."),
    "strength": gettext_lazy("A strength is a number and a unit, such as “500 mg” or “1 g/125 mg”."),
    "form": gettext_lazy("This form isn’t known. Write for instance “comprimé”, “gélule”, “collyre”."),
    "supply": gettext_lazy("Write for instance “QSP 28 jours, à renouveler 5 fois, non substituable”."),
    "dose": gettext_lazy("A dose is a number and a unit, such as “1/2 comprimé” or “500 mg”."),
    "timing": gettext_lazy("Write for instance “matin et soir”, “3 fois par jour”, “toutes les 6 heures”."),
    "bounds": gettext_lazy("A duration is for instance “7 jours” or “5 à 7 jours”."),
    "asNeeded": gettext_lazy("Write “si besoin”, or for what: “si douleur”."),
    "limits": gettext_lazy("Write for instance “maximum 4 g par jour” or “espacer les prises de 6 heures”."),
    "route": gettext_lazy("Write for instance “voie orale” or “dans chaque œil”."),
}
"""What to write instead, by field: examples are French because ordonnances are."""


def _open(line: Line) -> Line:
    """The line and its document, held. Raises Conflict when the review is finished."""
    document = locked(line.document)
    if document.status == Document.Status.REVIEWED:
        raise Conflict(_("The review of this prescription is finished: reopen it first."), "reviewed")
    held = Line.objects.select_for_update(of=("self",)).get(pk=line.pk)
    held.document = document
    return held


@transaction.atomic
def correct_line(actor: Actor, line: Line, field: str, words: str, revision: int) -> Line:
    """Say one field anew, in French words that the grammar reads; empty words take it away.

    Raises Invalid when the words aren't understood, Conflict when somebody corrected the line since `revision`.
    """
    access.require(actor, permissions.WRITE, line.document.project, obj=line)
    line = _open(line)
    if line.revision != revision:
        raise Conflict(_("Somebody corrected this line in the meantime: look at it again."), "stale")
    _name, lexicon = reference.current()
    try:
        corrected = correction.correct(line.read, field, words, lexicon)
    except correction.NotUnderstood as error:
        message = NOT_UNDERSTOOD.get(error.code.rpartition(".")[2], gettext_lazy("These words aren’t understood."))
        raise Invalid([Fault(field, "not_understood", message)]) from error
    except (KeyError, ValueError) as error:
        raise Invalid([Fault(field, "unknown_field", _("This line has no such field."))]) from error
    line.reading, line.uncertain = engine.encode(corrected), count_uncertain(corrected)
    line.revision += 1
    line.corrected_by = person(actor)
    line.state, line.settled_by, line.settled_at = Line.State.WAITING, None, None
    line.save()
    audit.record(
        actor, "prescriptions.line_corrected", line.document, line=line.position, field=field, revision=line.revision
    )
    return line


ACTIONS = {
    Line.State.VALIDATED: "prescriptions.line_validated",
    Line.State.REJECTED: "prescriptions.line_rejected",
    Line.State.WAITING: "prescriptions.line_reopened",
}


@transaction.atomic
def settle_line(actor: Actor, line: Line, state: str, revision: int) -> Line:
    """Validate the line as it stands at `revision`, set it aside as no medicine, or take it up again."""
    access.require(actor, permissions.WRITE, line.document.project, obj=line)
    if state not in Line.State.values:
        raise Invalid([Fault("state", "unknown", _("There is no such state."))])
    line = _open(line)
    if line.revision != revision:
        raise Conflict(_("Somebody corrected this line in the meantime: look at it again."), "stale")
    if line.state != state:
        settled = state != Line.State.WAITING
        line.state = state
        line.settled_by, line.settled_at = (person(actor), timezone.now()) if settled else (None, None)
        line.save(update_fields=["state", "settled_by", "settled_at"])
        audit.record(actor, ACTIONS[Line.State(state)], line.document, line=line.position, revision=line.revision)
    return line
