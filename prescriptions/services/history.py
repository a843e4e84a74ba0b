"""Every act on the lines of a prescription is a step that its author can undo and do again, in any number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict
from prescriptions import permissions
from prescriptions.blinding import require_own
from prescriptions.models import Document, Line, Step
from prescriptions.services.documents import locked, person

if TYPE_CHECKING:
    from core.access.scope import Actor

ASIDE = 1_000_000
"""Added to the positions of lines while they change places."""
Change = dict[str, Any]


def opened(document: Document) -> Document:
    """The row, held. Raises Conflict when its lines can no longer be changed."""
    document = locked(document)
    if document.read_at is not None and document.status == Document.Status.DRAFT:
        raise Conflict(_("This reading is finished: it is now compared with the other one."), "read")
    if document.status == Document.Status.REVIEWED:
        raise Conflict(_("The review of this prescription is finished: reopen it first."), "reviewed")
    return document


def lines_in(document: Document) -> dict[UUID, Line]:
    """The lines of a document whose row is held, each knowing its document."""
    lines = {line.pk: line for line in Line.objects.filter(document=document).order_by("position")}
    for line in lines.values():
        line.document = document
    return lines


def snapshot(line: Line) -> Change:
    """A row of a line as JSON, but for its position, which follows from its place in the text."""
    return {
        "reading": line.reading,
        "uncertain": line.uncertain,
        "product": line.product,
        "state": line.state,
        "revision": line.revision,
        "seconds": line.seconds,
        "corrected_by": str(line.corrected_by_id) if line.corrected_by_id else None,
        "settled_by": str(line.settled_by_id) if line.settled_by_id else None,
        "settled_at": line.settled_at.isoformat() if line.settled_at else None,
    }


@contextmanager
def step(actor: Actor, document: Document, act: Step.Act, field: str = "") -> Iterator[None]:
    """Note what the block changes in the lines of the document, whose row is held, as one step.

    Steps that were undone before can't be done again from now on. A block that changes nothing is no step.
    """
    require_own(actor, document)
    before = {pk: snapshot(line) for pk, line in lines_in(document).items()}
    yield
    renumber(document)
    after = {pk: snapshot(line) for pk, line in lines_in(document).items()}
    changes = [
        {"line": str(pk), "before": before.get(pk), "after": after.get(pk)}
        for pk in {**before, **after}
        if before.get(pk) != after.get(pk)
    ]
    if not changes:
        return
    Step.objects.filter(document=document, undone=True, actor=person(actor)).delete()
    last = Step.objects.filter(document=document).aggregate(last=Max("number"))["last"] or 0
    Step.objects.create(document=document, number=last + 1, act=act, field=field, actor=person(actor), changes=changes)


def beyond(document: Document) -> int:
    """A position behind all others, for a line that is given its place by `renumber`."""
    last = Line.objects.filter(document=document).aggregate(last=Max("position"))["last"] or 0
    return max(int(last), 2 * ASIDE) + 1


def renumber(document: Document) -> None:
    """Lines stand in the order of the text."""
    lines = sorted(lines_in(document).values(), key=lambda line: (line.reading["start"], line.reading["end"], line.pk))
    moved = [(line, place) for place, line in enumerate(lines, 1) if line.position != place]
    if moved:
        Line.objects.filter(pk__in=[line.pk for line, _place in moved]).update(position=F("position") + ASIDE)
        for line, place in moved:
            Line.objects.filter(pk=line.pk).update(position=place)


@transaction.atomic
def undo(actor: Actor, document: Document) -> Step | None:
    """Take back the actor's last step; None where there is none. Raises Conflict when others went on from it."""
    access.require(actor, permissions.WRITE, document.project, obj=document)
    document = opened(document)
    last = mine(actor, document, undone=False).order_by("-number").first()
    if last is None:
        return None
    return turn(actor, document, last, back=True)


@transaction.atomic
def redo(actor: Actor, document: Document) -> Step | None:
    """Do again what the actor took back last; None where there is nothing. Raises Conflict as `undo`."""
    access.require(actor, permissions.WRITE, document.project, obj=document)
    document = opened(document)
    first = mine(actor, document, undone=True).order_by("number").first()
    if first is None:
        return None
    return turn(actor, document, first, back=False)


def mine(actor: Actor, document: Document, *, undone: bool) -> Any:
    return Step.objects.filter(document=document, actor=person(actor), undone=undone)


def turn(actor: Actor, document: Document, found: Step, *, back: bool) -> Step:
    """Put the lines of a step back to how they were before it, or after it. Revisions only ever grow."""
    standing, wanted = ("after", "before") if back else ("before", "after")
    lines = lines_in(document)
    changes: Sequence[Change] = found.changes
    for change in changes:
        line = lines.get(UUID(change["line"]))
        if told(snapshot(line) if line else None) != told(change[standing]):
            raise Conflict(_("Somebody changed the same lines since: this step can’t be taken back."), "moved_on")
    for change in changes:
        restore(document, lines.get(UUID(change["line"])), UUID(change["line"]), change[wanted])
    renumber(document)
    found.undone = back
    found.save(update_fields=["undone"])
    audit.record(
        actor,
        "prescriptions.step_undone" if back else "prescriptions.step_redone",
        document,
        step=found.number,
        act=found.act,
    )
    return found


def told(state: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What a step compares: a line's revision and the time spent on it go on counting."""
    return None if state is None else {key: value for key, value in state.items() if key not in ("revision", "seconds")}


def restore(document: Document, line: Line | None, pk: UUID, wanted: Change | None) -> None:
    if wanted is None:
        Line.objects.filter(pk=pk).delete()
        return
    values = {
        "reading": wanted["reading"],
        "uncertain": wanted["uncertain"],
        "product": wanted["product"],
        "state": wanted["state"],
        "corrected_by_id": wanted["corrected_by"],
        "settled_by_id": wanted["settled_by"],
        "settled_at": parse_datetime(wanted["settled_at"]) if wanted["settled_at"] else None,
    }
    if line is None:
        revision, seconds = wanted["revision"] + 1, wanted["seconds"]
        line = Line(pk=pk, document=document, position=beyond(document), revision=revision, seconds=seconds)
    else:
        line.revision += 1
    for name, value in values.items():
        setattr(line, name, value)
    line.save()
