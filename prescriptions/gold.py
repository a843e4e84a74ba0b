"""Reviewed lines as cases that models are judged and trained by, once nothing in them may tell who somebody is.

Only the text of a line leaves, never the rest of its prescription. What is suspicious is held back until a person has
looked at it; his decision counts for the line as he saw it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from prescriptions import engine
from prescriptions.engine import identifying
from prescriptions.engine.identifying import Suspicion
from prescriptions.models import Clearance, Line
from prescriptions.queries import exportable

DATASET = "prescription-gold"
ABOUT_PEOPLE = ("header", "patient")
"""Passages in which the names of the patient and the prescriber stand."""
COLUMNS = {
    "id": _("Key of the case"),
    "type": _("Always: line"),
    "category": _("Always: reviewed"),
    "text": _("The line as it is written"),
    "scoring": _("Always: full"),
    "expected": _("What a person made of it, as JSON"),
    "spans": _("Where each value stands in the text, as JSON"),
}
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])


@dataclass(frozen=True)
class Candidate:
    """A reviewed line, what is suspicious in it, and what was decided of it as it is now."""

    line: Line
    text: str
    suspicions: tuple[Suspicion, ...]
    hidden: tuple[Suspicion, ...]
    """Suspicions in the values, which a correction may have brought in beside the text."""
    decision: bool | None

    @property
    def leaves(self) -> bool:
        """Whether nothing is suspicious, or a person has let it go."""
        return self.decision if self.decision is not None else not (self.suspicions or self.hidden)

    @property
    def is_held(self) -> bool:
        return self.decision is None and not self.leaves


def candidates(project: Project) -> Iterator[Candidate]:
    """The validated lines of the reviewed prescriptions, in their order."""
    decided = {each.line_id: each for each in Clearance.objects.filter(line__document__project=project)}
    names: dict[Any, frozenset[str]] = {}
    for line in exportable(project).iterator(500):
        if line.document_id not in names:
            names = {line.document_id: names_in(line)}
        yield candidate(line, names[line.document_id], decided.get(line.pk))


def names_in(line: Line) -> frozenset[str]:
    """What looks like names in what the prescription says of its patient and prescriber."""
    passages = line.document.reading.get("passages", [])
    about = " ".join(passage["text"] for passage in passages if passage["kind"] in ABOUT_PEOPLE)
    medicine = line.read.medication.name or ""
    return identifying.names_of(about) - {word.casefold() for word in medicine.split()}


def candidate(line: Line, names: frozenset[str], decided: Clearance | None) -> Candidate:
    text = line.reading["text"]
    values = " \n ".join(words_of(line.reading.get("medication", {})))
    found, hidden = (
        tuple(identifying.suspicions(written) + identifying.known(written, names)) for written in (text, values)
    )
    stands = decided is not None and decided.revision == line.revision
    return Candidate(line, text, found, hidden, decided.leaves if decided is not None and stands else None)


def words_of(value: Any) -> Iterator[str]:
    """Every word that a value holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)


def row(found: Candidate) -> dict[str, str]:
    """The case in the shape of the published ones; places count from the beginning of the line."""
    read = found.line.read
    spans = [
        {"path": each.path, "kind": each.kind, "start": each.start - read.start, "end": each.end - read.start}
        for each in read.evidence
        if each.end > each.start
    ]
    return {
        "id": found.line.pk.hex,
        "type": "line",
        "category": "reviewed",
        "text": found.text,
        "scoring": "full",
        "expected": json.dumps(engine.encode(read.medication), ensure_ascii=False),
        "spans": json.dumps(spans, ensure_ascii=False),
    }
