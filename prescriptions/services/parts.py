"""Cut lines anew: split one, merge two, add one from a passage of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Fault, Invalid
from prescriptions import engine, permissions, reference
from prescriptions.engine import parts
from prescriptions.models import Document, Line, Step
from prescriptions.services.documents import count_uncertain, person
from prescriptions.services.history import beyond, lines_in, opened, step
from prescriptions.services.lines import hold, waits

if TYPE_CHECKING:
    from core.access.scope import Actor


@transaction.atomic
def split_line(actor: Actor, line: Line, at: int, revision: int) -> tuple[Line, Line]:
    """Make two lines of one: the second begins at character `at` of the prescription's text. Both are read anew.

    Raises Invalid where one of them would be empty, Conflict when somebody changed the line since `revision`.
    """
    access.require(actor, permissions.WRITE, line.document.project, obj=line)
    line = hold(line, revision)
    _name, edition = reference.in_use()
    try:
        first, second = parts.split(line.document.text, line.read, at, edition.lexicon)
    except parts.NothingThere as error:
        message = _("A line can only be split between two of its words.")
        raise Invalid([Fault("at", "nothing_there", message)]) from error
    with step(actor, line.document, Step.Act.SPLIT):
        read_again(actor, line, reference.finished(first, edition))
        other = added(line.document, reference.finished(second, edition))
    audit.record(actor, "prescriptions.line_split", line.document, line=line.position, revision=line.revision)
    line.refresh_from_db(fields=["position"])
    other.refresh_from_db(fields=["position"])
    return line, other


@transaction.atomic
def merge_line(actor: Actor, line: Line, revision: int) -> Line:
    """Make one line of this one and the one above it, read anew with what stands between them.

    Raises Invalid for the first line, Conflict when somebody changed the line since `revision`.
    """
    access.require(actor, permissions.WRITE, line.document.project, obj=line)
    line = hold(line, revision)
    above = Line.objects.filter(document=line.document, position__lt=line.position).order_by("-position").first()
    if above is None:
        message = _("There is no line above this one.")
        raise Invalid([Fault("line", "first", message)])
    above.document = line.document
    _name, edition = reference.in_use()
    merged = parts.merge(line.document.text, above.read, line.read, edition.lexicon)
    with step(actor, line.document, Step.Act.MERGE):
        above.seconds += line.seconds
        line.delete()
        read_again(actor, above, reference.finished(merged, edition))
    audit.record(actor, "prescriptions.line_merged", line.document, line=above.position, revision=above.revision)
    return above


@transaction.atomic
def add_line(actor: Actor, document: Document, start: int, end: int) -> Line:
    """Read characters [start, end) of the text as a line of their own.

    Raises Invalid where nothing is written there, or where another line stands there already.
    """
    access.require(actor, permissions.WRITE, document.project, obj=document)
    document = opened(document)
    _name, edition = reference.in_use()
    try:
        found = parts.part(document.text, start, end, edition.lexicon)
    except parts.NothingThere as error:
        message = _("Select the words of the line in the text first.")
        raise Invalid([Fault("start", "nothing_there", message)]) from error
    for other in lines_in(document).values():
        if other.reading["start"] < found.end and found.start < other.reading["end"]:
            message = _("Line %(number)s stands there already: split it, or merge it.") % {"number": other.position}
            raise Invalid([Fault("start", "taken", message)])
    with step(actor, document, Step.Act.ADD):
        line = added(document, reference.finished(found, edition))
    line.refresh_from_db(fields=["position"])
    audit.record(actor, "prescriptions.line_added", document, line=line.position)
    return line


def read_again(actor: Actor, line: Line, found: engine.Line) -> None:
    line.reading, line.uncertain = engine.encode(found), count_uncertain(found)
    line.product = None
    line.revision += 1
    line.corrected_by = person(actor)
    waits(line)
    line.save()


def added(document: Document, found: engine.Line) -> Line:
    return Line.objects.create(
        document=document,
        position=beyond(document),
        reading=engine.encode(found),
        uncertain=count_uncertain(found),
    )
