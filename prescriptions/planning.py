"""From kept prescriptions to plans and comparisons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from prescriptions import engine, leaving, reference
from prescriptions.engine import comparison, schedule, sharing
from prescriptions.engine.reference.product import Product
from prescriptions.models import Document, Line


def plan(document: Document, lines: Iterable[Line], language: str, start: dt.date | None) -> schedule.Plan:
    """The plan de prise; a line that nobody has validated is marked."""
    entries = [
        schedule.Entry(line.position, read.medication, line.state == Line.State.VALIDATED, sharing.unshared(read))
        for line in leaving.kept(lines)
        for read in (line.read,)
    ]
    return schedule.build(
        entries, language, start=start, stopped=[one.name for one in stopped(document)],
        dispense=leaving.head_of(document).dispense, reviewed=document.status == Document.Status.REVIEWED,
    )  # fmt: skip


def items(lines: Iterable[Line]) -> list[comparison.Item]:
    """The lines to compare, with the substances of the products that people chose."""
    found = leaving.kept(lines)
    products = leaving.products_of(found)
    return [
        comparison.Item(line.position, line.read.medication, substances_of(products.get(line.position)))
        for line in found
    ]


def substances_of(product: Product | None) -> tuple[str, ...]:
    """Codes where the list has them, else names."""
    return tuple(one.code or one.name for one in product.substances) if product else ()


def stopped(document: Document) -> list[comparison.Stopped]:
    """The medicines that it says to stop, with the ATC code that the list of now has for their names."""
    passages = [one for one in document.reading.get("passages", ()) if one["kind"] == "stopped" and one.get("name")]
    if not passages:
        return []
    _name, lexicon = reference.current()
    return [
        comparison.Stopped(one["name"], engine.read_line(one["name"], lexicon).medication.atc or "") for one in passages
    ]


def compared(before: Document, old: Iterable[Line], after: Document, new: Iterable[Line]) -> comparison.Comparison:
    """What became of the lines of one prescription in another."""
    return comparison.compare(items(old), items(new), stopped(after))
