"""How the review of a project goes: how much, how fast, what is corrected, and how far two readers agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from prescriptions import engine
from prescriptions.engine import agreement
from prescriptions.engine.agreement import Agreement
from prescriptions.models import Document, Line, Step
from prescriptions.queries import lines_of

if TYPE_CHECKING:
    from core.access.models import Project

COMPARED = 200
"""The newest prescriptions read by two people, on which agreement is computed."""


@dataclass(frozen=True)
class Measures:
    """Of the prescriptions that aren't deleted; `edits` are shares of the settled lines, by field."""

    documents: int
    reviewed: int
    lines: int
    settled: int
    seconds: int
    lines_per_hour: float | None
    edits: list[tuple[str, int, float]]
    """(field, lines in which somebody corrected it, their share of the settled lines)."""
    twice: int
    """Prescriptions that two people have finished reading."""
    agreements: list[Agreement]


def of(project: Project) -> Measures:
    """Counted in the database, but for agreement, which opens the lines of what was read twice."""
    documents = Document.objects.filter(project=project, deleted_at=None, twin_of=None)
    lines = Line.objects.filter(document__project=project, document__deleted_at=None)
    counts = lines.aggregate(
        settled=Count("pk", filter=~Q(state=Line.State.WAITING)),
        timed=Count("pk", filter=~Q(state=Line.State.WAITING) & Q(seconds__gt=0)),
        seconds=Sum("seconds", filter=~Q(state=Line.State.WAITING), default=0),
    )
    seconds, settled = counts["seconds"], counts["settled"]
    ended = Q(read_at__isnull=False) | Q(as_read__isnull=False)
    twice = documents.filter(ended, twin__read_at__isnull=False).select_related("twin", "project")
    pairs = [pair for first in twice.order_by("-number")[:COMPARED] for pair in compared(first)]
    return Measures(
        documents=documents.count(),
        reviewed=documents.filter(status=Document.Status.REVIEWED).count(),
        lines=lines.filter(document__twin_of=None).count(),
        settled=settled,
        seconds=seconds,
        lines_per_hour=counts["timed"] * 3600 / seconds if seconds else None,
        edits=edits(project, settled),
        twice=twice.count(),
        agreements=agreement.agreements(pairs) if pairs else [],
    )


def compared(first: Document) -> list[agreement.Pair]:
    """The lines of both readings beside each other, as each reader left them."""
    second = [line.read for line in lines_of(first.twin)]
    if first.as_read is None:
        return agreement.pairs([line.read for line in lines_of(first)], second)
    return agreement.pairs([engine.decode(engine.Line, reading) for reading in first.as_read], second)


def edits(project: Project, settled: int) -> list[tuple[str, int, float]]:
    """The fields that people corrected, the most corrected first; a field counts once a prescription's step."""
    steps = Step.objects.filter(
        document__project=project, document__deleted_at=None, act=Step.Act.CORRECT, undone=False
    ).values_list("field", flat=True)
    found = Counter(field.rpartition(".")[2] for field in steps)
    return [(field, count, count / settled if settled else 0.0) for field, count in found.most_common()]
