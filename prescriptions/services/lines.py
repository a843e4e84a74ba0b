"""Correct a field of a line, validate the line, set it aside as no medicine or as illegible."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from prescriptions import engine, permissions, reference
from prescriptions.engine import correction, linking
from prescriptions.models import Line, Step
from prescriptions.services.documents import count_uncertain, person
from prescriptions.services.history import opened, step

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


MOST_SECONDS = 900
"""Of one act: what a workbench says beyond was not spent at the line."""


def hold(line: Line, revision: int) -> Line:
    """The line and its document, held. Raises Conflict when its review is finished, or it has changed since."""
    document = opened(line.document)
    held = Line.objects.select_for_update(of=("self",)).filter(pk=line.pk).first()
    if held is None:
        raise Conflict(_("This line is no longer there: somebody split it, merged it or took it back."), "gone")
    held.document = document
    if held.revision != revision:
        raise Conflict(_("Somebody corrected this line in the meantime: look at it again."), "stale")
    return held


def spent(line: Line, seconds: int) -> int:
    """The time that people have worked on the line, with what this act took."""
    return line.seconds + max(0, min(seconds, MOST_SECONDS))


def waits(line: Line) -> None:
    """The line is to be looked at again."""
    line.state, line.settled_by, line.settled_at = Line.State.WAITING, None, None


@transaction.atomic
def correct_line(actor: Actor, line: Line, field: str, words: str, revision: int, seconds: int = 0) -> Line:
    """Say one field anew, in French words that the grammar reads; empty words take it away.

    Raises Invalid when the words aren't understood, Conflict when somebody corrected the line since `revision`.
    """
    access.require(actor, permissions.WRITE, line.document.project, obj=line)
    line = hold(line, revision)
    _name, lexicon = reference.current()
    try:
        corrected = correction.correct(line.read, field, words, lexicon)
    except correction.NotUnderstood as error:
        message = NOT_UNDERSTOOD.get(error.code.rpartition(".")[2], gettext_lazy("These words aren’t understood."))
        raise Invalid([Fault(field, "not_understood", message)]) from error
    except (KeyError, ValueError) as error:
        raise Invalid([Fault(field, "unknown_field", _("This line has no such field."))]) from error
    with step(actor, line.document, Step.Act.CORRECT, field):
        line.reading, line.uncertain = engine.encode(corrected), count_uncertain(corrected)
        line.product = None if field in ("name", "strength", "form") else line.product
        line.revision += 1
        line.seconds = spent(line, seconds)
        line.corrected_by = person(actor)
        waits(line)
        line.save()
    audit.record(
        actor, "prescriptions.line_corrected", line.document, line=line.position, field=field, revision=line.revision
    )
    return line


@transaction.atomic
def choose_product(actor: Actor, line: Line, cis: str, revision: int, seconds: int = 0) -> Line:
    """Say which product the line means, by its CIS code among the candidates; none takes the choice back.

    Raises Invalid for what is no candidate, Conflict when somebody changed the line since `revision`.
    """
    access.require(actor, permissions.WRITE, line.document.project, obj=line)
    line = hold(line, revision)
    _name, edition = reference.in_use()
    products = {link.product.cis: link.product for link in linking.link_line(line.read, edition)}
    if cis and cis not in products:
        raise Invalid([Fault("cis", "no_candidate", _("This product is none of those that the line may mean."))])
    with step(actor, line.document, Step.Act.CHOOSE):
        line.product = cis or None
        if cis:
            line.reading = engine.encode(chosen(line.read, products[cis].atc))
            line.uncertain = count_uncertain(line.read)
        line.revision += 1
        line.seconds = spent(line, seconds)
        line.corrected_by = person(actor)
        waits(line)
        line.save()
    audit.record(actor, "prescriptions.product_chosen", line.document, line=line.position, revision=line.revision)
    return line


def chosen(line: engine.Line, atc: str) -> engine.Line:
    """The line once a person has said which product it is: nothing about its name is left in doubt."""
    medication = replace(line.medication, atc=atc or line.medication.atc)
    evidence = tuple(
        replace(each, confidence=1.0, why="corrected") if each.path == "name" else each for each in line.evidence
    )
    return replace(line, medication=medication, evidence=evidence)


ACTIONS = {
    Line.State.VALIDATED: "prescriptions.line_validated",
    Line.State.REJECTED: "prescriptions.line_rejected",
    Line.State.UNREAD: "prescriptions.line_unread",
    Line.State.WAITING: "prescriptions.line_reopened",
}


@transaction.atomic
def settle_line(actor: Actor, line: Line, state: str, revision: int, seconds: int = 0) -> Line:
    """Validate the line as it stands at `revision`, set it aside (no medicine, illegible), or take it up again."""
    access.require(actor, permissions.WRITE, line.document.project, obj=line)
    if state not in Line.State.values:
        raise Invalid([Fault("state", "unknown", _("There is no such state."))])
    line = hold(line, revision)
    if line.state != state:
        with step(actor, line.document, Step.Act.SETTLE):
            if state == Line.State.WAITING:
                waits(line)
            else:
                line.state, line.settled_by, line.settled_at = Line.State(state), person(actor), timezone.now()
            line.seconds = spent(line, seconds)
            line.save(update_fields=["state", "settled_by", "settled_at", "seconds"])
        audit.record(actor, ACTIONS[Line.State(state)], line.document, line=line.position, revision=line.revision)
    return line
