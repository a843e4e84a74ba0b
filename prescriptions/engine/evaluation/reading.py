"""What a reader makes of a case, in one shape whatever the reader is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from prescriptions import engine
from prescriptions.engine import linking
from prescriptions.engine.evaluation.case import Case
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.scans import legibility
from prescriptions.engine.scans.page import Scan
from prescriptions.engine.schema import Evidence, Line

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that the medicine may be."""

    cis: str = ""
    atc: str = ""


@dataclass(frozen=True, slots=True)
class ReadMedication:
    """One medication with the evidence for its values and, where they are linked, its products, the likeliest first."""

    values: Json
    evidence: tuple[Evidence, ...] = ()
    candidates: tuple[Candidate, ...] = ()

    @property
    def confidence(self) -> float:
        """That of the weakest reading."""
        return min((item.confidence for item in self.evidence), default=0.0)


@dataclass(frozen=True, slots=True)
class Reading:
    medications: tuple[ReadMedication, ...]
    document: Json
    stopped: tuple[str, ...] = ()


class Reader(Protocol):
    """Reads a case; `scan` tells how hard its words were to read, where it is about a page."""

    def __call__(self, case: Case, scan: Scan | None = None) -> Reading: ...


Second = Callable[[Line], Line]
"""A second opinion: the same line, surer or less sure of its values."""


def reader(reference: Reference, *, second: Second | None = None) -> Reader:
    """The grammar with the names and products of a reference, and a second opinion where there is one."""
    lexicon = reference.lexicon

    def read(case: Case, scan: Scan | None = None) -> Reading:
        if case.type == "line":
            return Reading((_read(engine.read_line(case.given, lexicon)),), {})
        found = engine.read_ordonnance(case.given, lexicon)
        if scan is not None:
            found = legibility.doubted(found, scan)
        summary = engine.summary(found)
        return Reading(
            tuple(_read(line) for line in found.lines), summary["document"], tuple(summary.get("stopped", ()))
        )

    def _read(line: Line) -> ReadMedication:
        line = linking.coded(second(line) if second else line, reference)
        links = linking.link_line(line, reference)
        candidates = tuple(Candidate(one.product.cis, one.product.atc) for one in links)
        return ReadMedication(engine.encode(line.medication), line.evidence, candidates)

    return read
