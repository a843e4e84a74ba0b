"""Settle what two readers read differently: each field by one of the two readings, or a whole line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from prescriptions import blinding, engine, permissions
from prescriptions.engine import adjudication, agreement
from prescriptions.models import Document, Line
from prescriptions.services.documents import count_uncertain, locked, mark_stale, person
from prescriptions.services.history import lines_in, renumber

if TYPE_CHECKING:
    from core.access.scope import Actor

FIRST, SECOND = "first", "second"
SIDES = (FIRST, SECOND)


@dataclass(frozen=True)
class Difference:
    """A line that two people read differently. `questions` are those of the engine; none: it is taken whole."""

    place: int
    one: Line | None
    other: Line | None
    questions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        """Under which the answers are given: `3` for a whole line, `3.dose` for a field of it."""
        return [f"{self.place}.{question}" for question in self.questions] or [str(self.place)]


def paired(first: Document, twin: Document) -> list[tuple[Line | None, Line | None]]:
    """The rows of both readings beside each other, in the order of the text."""
    rows = [list(lines_in(each).values()) for each in (first, twin)]
    reads = [[(line, line.read) for line in lines] for lines in rows]
    found = agreement.pairs([read for _line, read in reads[0]], [read for _line, read in reads[1]])
    by_read = {id(read): line for lines in reads for line, read in lines}
    return [(by_read.get(id(one)), by_read.get(id(other))) for one, other in found]


def differences(first: Document, twin: Document) -> list[Difference]:
    """The pairs of lines that differ: in whether they are one, in what was decided about them, or in a field."""
    found = []
    for place, (one, other) in enumerate(paired(first, twin)):
        if one is None or other is None or one.state != other.state:
            found.append(Difference(place, one, other))
        elif one.state == Line.State.VALIDATED and (asked := adjudication.questions(one.read, other.read)):
            found.append(Difference(place, one, other, asked))
    return found


@transaction.atomic
def adjudicate(actor: Actor, document: Document, choices: Mapping[str, str]) -> Document:
    """Settle each difference, by its keys, with what one of the two readings says: that of the prescription from then.

    Raises Invalid with every difference that is left open, Conflict while one of the two still reads.
    """
    access.require(actor, permissions.ADJUDICATE, document.project, obj=document)
    first, twin = blinding.readings(locked(document.twin_of or document))
    if first.status == Document.Status.REVIEWED:
        raise Conflict(_("The review of this prescription is finished."), "reviewed")
    if twin is None or first.read_at is None or twin.read_at is None:
        raise Conflict(_("Both readings are to be finished first."), "reading")
    found = differences(first, twin)
    if missing := [key for each in found for key in each.keys if choices.get(key) not in SIDES]:
        message = _("Choose one of the two readings for each difference.")
        raise Invalid([Fault(f"pairs.{key}", "open", message) for key in missing], message)
    remember(first)
    for each in found:
        settle(actor, first, each, [key for key in each.keys if choices[key] == SECOND])
    renumber(first)
    second = sum(choices[key] == SECOND for each in found for key in each.keys)
    count = sum(len(each.keys) for each in found)
    audit.record(actor, "prescriptions.readings_adjudicated", first, differences=count, second=second)
    return conclude(actor, first)


def settle(actor: Actor, first: Document, difference: Difference, taken: Collection[str]) -> None:
    """Give the line what is taken of the second reading."""
    one, other = difference.one, difference.other
    if len(taken) == len(difference.keys):
        take(first, one, other)
    elif taken and one and other:
        questions = [key.partition(".")[2] for key in taken]
        mixed = adjudication.merged(one.read, other.read, questions)
        one.reading, one.uncertain = engine.encode(mixed), count_uncertain(mixed)
        if adjudication.PRODUCT & difference.questions.keys():
            one.product = None
        one.settled_by = one.corrected_by = person(actor)
        one.settled_at = timezone.now()
        one.revision += 1
        one.save()


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


def remember(first: Document) -> None:
    """Keep what the first reader made of the lines, before the two readings are one: agreement is measured on it."""
    first.as_read = [line.reading for line in lines_in(first).values()]


def conclude(actor: Actor, first: Document) -> Document:
    """The two readings are one: the review is finished."""
    first.status, first.reviewed_by, first.reviewed_at = Document.Status.REVIEWED, person(actor), timezone.now()
    first.save(update_fields=["status", "reviewed_by", "reviewed_at", "as_read"])
    audit.record(actor, "prescriptions.document_reviewed", first, lines=first.lines.count())
    mark_stale(first.project)
    return first
