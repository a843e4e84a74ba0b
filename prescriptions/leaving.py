"""From kept prescriptions to the engine's values that leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from prescriptions import engine, reference
from prescriptions.engine import sharing
from prescriptions.engine.exchange.fhir import Sent
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.reference.product import Product
from prescriptions.models import Document, Line


def group_of(document: Document) -> str:
    """What its lines have in common wherever they go."""
    return f"urn:uuid:{document.pk}"


def head_of(document: Document) -> engine.Head:
    return engine.decode(engine.Head, document.reading.get("document", {}))


def written_on(document: Document) -> dt.date | None:
    """The date on the prescription, unless there is no such day."""
    try:
        return dt.date.fromisoformat(head_of(document).date or "")
    except ValueError:
        return None


def sent(document: Document, lines: Iterable[Line], edition: Reference | None = None) -> Sent:
    """What a person has validated; of a draft all but the lines that were set aside, which are no medicines.

    A line has the codes of a product where a person chose one: a guess is no code. `edition` is the list in use.
    """
    reviewed = document.status == Document.Status.REVIEWED
    leaving = [line for line in kept(lines) if not reviewed or line.state == Line.State.VALIDATED]
    return Sent(
        group=group_of(document),
        medications={line.position: told(line.read) for line in leaving},
        head=head_of(document),
        products=products_of(leaving, edition),
        reviewed=reviewed,
        label=str(document.number),
    )


def told(line: engine.Line) -> engine.Medication:
    """The medicine; a dose for the whole day says in words that how it is shared isn't written."""
    places = sharing.unshared(line)
    if not places:
        return line.medication
    dosages = [
        replace(one, additional=(*one.additional, sharing.WORDS)) if place in places else one
        for place, one in enumerate(line.medication.dosage)
    ]
    return replace(line.medication, dosage=tuple(dosages))


def products_of(lines: Iterable[Line], edition: Reference | None = None) -> dict[int, Product]:
    """The products that people chose, by the line's position, as far as the list of medicines still has them."""
    chosen = {line.position: line.product for line in lines if line.product}
    if not chosen:
        return {}
    known = edition or reference.in_use()[1]
    found = {position: known.product(code) for position, code in chosen.items() if code}
    return {position: product for position, product in found.items() if product}


def kept(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.state != Line.State.REJECTED]
