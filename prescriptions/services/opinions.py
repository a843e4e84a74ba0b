"""Have unsure lines read a second time, and take what the second reader says."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit, jobs
from core.access.models import Project
from core.errors import Fault, Invalid
from core.jobs.models import Job
from prescriptions import engine, llm, opinions, permissions, reference
from prescriptions.engine.opinions import offering
from prescriptions.models import Document, Line, Step
from prescriptions.services.documents import count_uncertain, person
from prescriptions.services.history import step
from prescriptions.services.lines import hold, spent, waits

if TYPE_CHECKING:
    from core.access.scope import Actor

    Fenced = Callable[[], AbstractContextManager[None]]

TASK = "prescriptions.second_opinions"


def start(actor: Actor, project: Project, documents: Collection[UUID]) -> Job | None:
    """Have the unsure lines of these prescriptions read a second time, as a job; None where nothing is to be asked.

    Whoever structures them doesn't wait for it: the model may be slow, or not there.
    """
    access.require(actor, permissions.WRITE, project)
    if not opinions.are_wanted(project):
        return None
    found = [str(pk) for pk in unasked(documents).values_list("document", flat=True).distinct()]
    if not found:
        return None
    return jobs.submit(actor, TASK, project=project, arguments={"documents": found})


def unasked(documents: Collection[Any]) -> Any:
    """Lines of these prescriptions that wait, aren't sure and that nobody was asked about."""
    rows = Line.objects.filter(document__in=documents, document__deleted_at=None, opinion__isnull=True)
    return rows.filter(state=Line.State.WAITING, uncertain__gt=0)


def ask(actor: Actor, document: Document, model: llm.Model, fenced: Fenced) -> None:
    """Ask about each unsure line of a prescription, outside of any transaction, and keep what can be believed.

    What somebody corrected meanwhile is left alone. That it was asked is recorded, with counts and without a word.
    """
    _name, edition = reference.in_use()
    before = model.counts.copy()
    for line in unasked([document.pk]).order_by("position"):
        line.document = document
        read = line.read
        if taken := model.reading(read, edition.lexicon):
            other = reference.finished(offering.offered(taken, read), edition)
            with fenced():
                keep(line, opinions.told(model.name, other, is_whole=offering.is_whole(taken, read)))
    counts = model.counts - before
    if counts["asked"]:
        with fenced():
            audit.record(
                actor, "prescriptions.opinions_asked", document, model=model.name, lines=counts["asked"],
                taken=counts["taken"], refused=counts["refused"], unanswered=counts["unanswered"],
            )  # fmt: skip


def keep(line: Line, opinion: dict[str, Any]) -> None:
    held = Line.objects.select_for_update(of=("self",)).filter(pk=line.pk, revision=line.revision).first()
    if held is not None:
        held.document = line.document
        held.opinion = opinion
        held.save(update_fields=["opinion"])


@transaction.atomic
def take_opinion(actor: Actor, line: Line, revision: int, seconds: int = 0) -> Line:
    """Put what the second reader says in the place of the line's values, as a step that can be undone.

    Raises Invalid where there is none that can be taken, Conflict when somebody changed the line since `revision`.
    """
    access.require(actor, permissions.WRITE, line.document.project, obj=line)
    line = hold(line, revision)
    opinion = opinions.of(line)
    if opinion is None or not opinion.is_offered:
        raise Invalid([Fault("line", "no_opinion", _("There is no second opinion on this line that can be taken."))])
    _name, edition = reference.in_use()
    with step(actor, line.document, Step.Act.CORRECT):
        adopted = reference.finished(opinions.adopted(line, opinion), edition)
        line.reading, line.uncertain = engine.encode(adopted), count_uncertain(adopted)
        line.product = None if {"name", "strength", "form"} & set(opinion.differs) else line.product
        line.revision += 1
        line.seconds = spent(line, seconds)
        line.corrected_by = person(actor)
        waits(line)
        line.save()
    audit.record(
        actor, "prescriptions.opinion_taken", line.document, line=line.position, revision=line.revision,
        model=opinion.by,
    )  # fmt: skip
    return line
