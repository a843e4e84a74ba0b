"""One case judged: each medication's fields right or wrong, how sure the reader was, and how bad the faults are."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from prescriptions.engine.evaluation import ocr, spans
from prescriptions.engine.evaluation.alignment import align
from prescriptions.engine.evaluation.case import Case
from prescriptions.engine.evaluation.magnitude import magnitudes
from prescriptions.engine.evaluation.meaning import FIELDS, Compared, compare
from prescriptions.engine.evaluation.reading import Reading, ReadMedication

Json = dict[str, Any]
Count = tuple[int, int, int]
"""(found, too much, missing)"""

KINDS = {
    "name": ("medicine",), "atc": ("medicine",), "strength": ("strength",), "form": ("form",), "dose": ("dose",),
    "timing": ("frequency",), "duration": ("duration",), "need": ("need",), "limit": ("limit",), "route": ("route",),
    "course": ("frequency", "duration"), "remark": ("remark",), "supply": ("supply",), "daily": ("dose", "frequency"),
    "unit": ("dose",), "schedule": ("dose", "frequency"), "frame": ("duration", "need", "limit"),
}  # fmt: skip
"""Field -> the kinds of evidence that it rests on."""
CODED = (1, 3, 4, 5, 7)
"""Letters of the levels of an ATC code."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One medication: what was expected, what was read, which fields are wrong, and the confidence of each field.

    `factor` is 10 or 1000 where a dose or a strength is out by as much, else 0.
    """

    expected: Json | None
    got: Json | None
    wrong: tuple[str, ...]
    confidence: float
    sure: dict[str, float]
    strict: dict[str, Count]
    lenient: dict[str, Count]
    factor: int = 0
    atc_level: int | None = None
    atc_rank: int | None = None
    cis_rank: int | None = None

    @property
    def is_exact(self) -> bool:
        return self.expected is not None and self.got is not None and not self.wrong

    def sureness(self, name: str) -> float:
        """How sure the reader was of a field; of one that it left out, as sure as of the line."""
        return self.sure.get(name, self.confidence)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case: its medications, and the document as a whole where it is one."""

    id: str
    type: str
    category: str
    noise: str
    condition: str
    text: str
    lines: tuple[Judged, ...]
    document_wrong: tuple[str, ...] = ()
    span_counts: dict[str, tuple[Count, Count]] = field(default_factory=dict)
    optical: ocr.Optical | None = None

    @property
    def is_exact(self) -> bool:
        """Everything that the case expects, and nothing else."""
        return not self.document_wrong and all(line.is_exact for line in self.lines)

    def as_json(self) -> Json:
        return asdict(self)


def judge(case: Case, reading: Reading) -> Outcome:
    """A reading against its case."""
    whole = case.type == "prescription"
    wanted = list(case.expected.get("medications", ())) if whole else [case.expected]
    values = [one.values for one in reading.medications]
    pairs = align(wanted, values) if whole else [(case.expected, 0 if values else None)]
    lines = tuple(
        _judged(one, None if place is None else reading.medications[place], case.scoring) for one, place in pairs
    )
    return Outcome(
        id=case.id, type=case.type, category=case.category, noise=case.noise, condition=case.condition,
        text=case.given, lines=lines, document_wrong=_document(case, reading) if whole else (),
        span_counts=spans.counts(case, reading) if case.spans else {},
        optical=ocr.compare(case.text, case.read) if case.read is not None else None,
    )  # fmt: skip


def _document(case: Case, reading: Reading) -> tuple[str, ...]:
    """Which parts of the document as a whole are wrong: its head, what is stopped."""
    head = case.expected.get("document", {})
    wrong = [f"document.{name}" for name, value in head.items() if reading.document.get(name) != value]
    if list(case.expected.get("stopped", ())) != list(reading.stopped):
        wrong.append("stopped")
    return tuple(wrong)


def _judged(expected: Json | None, read: ReadMedication | None, scoring: str) -> Judged:
    compared = compare(expected or {"name": "", "dosage": []}, read.values if read else {}, scoring)
    if expected is None and read is not None:  # everything of it is too much
        compared = compare(read.values, {}, "full")
        compared = {name: Compared(one.got, one.wanted, one.got_lenient, one.wanted_lenient)
                    for name, one in compared.items()}  # fmt: skip
    wrong = tuple(name for name, one in compared.items() if not one.is_right)
    told = {name: one for name, one in compared.items() if name in FIELDS}
    sure = _sureness(read) if read else {}
    level, atc, cis = _coded(expected, read)
    return Judged(
        expected=expected,
        got=read.values if read else None,
        wrong=wrong,
        confidence=read.confidence if read else 0.0,
        sure=sure,
        strict={name: _count(one.wanted, one.got) for name, one in told.items()},
        lenient={name: _count(one.wanted_lenient, one.got_lenient) for name, one in told.items()},
        factor=magnitudes(expected, read.values) if expected and read else 0,
        atc_level=level,
        atc_rank=atc,
        cis_rank=cis,
    )


def _count(wanted: Counter[Any], got: Counter[Any]) -> Count:
    found = (wanted & got).total()
    return found, got.total() - found, wanted.total() - found


def _sureness(read: ReadMedication) -> dict[str, float]:
    by_kind: dict[str, float] = {}
    for item in read.evidence:
        by_kind[item.kind] = min(item.confidence, by_kind.get(item.kind, 1.0))
    found = {}
    for name, kinds in KINDS.items():
        if known := [by_kind[kind] for kind in kinds if kind in by_kind]:
            found[name] = min(known)
    return found


def _coded(expected: Json | None, read: ReadMedication | None) -> tuple[int | None, int | None, int | None]:
    """(levels of the ATC code that are right, rank of the right code, rank of the right CIS): ranks from 1, 0: none."""
    if not expected or not read:
        return (0, 0, 0 if expected.get("cis") else None) if expected and expected.get("atc") else (None, None, None)
    level = atc = cis = None
    if wanted := expected.get("atc"):
        accepted = {wanted, *expected.get("accept_atc", ())}
        best = read.values.get("atc") or ""
        level = 5 if best in accepted else sum(len(best) >= size and best[:size] == wanted[:size] for size in CODED)
        codes = dict.fromkeys(code for code in (best, *(one.atc for one in read.candidates)) if code)
        atc = next((rank for rank, code in enumerate(codes, 1) if code in accepted), 0)
    if wanted := expected.get("cis"):
        cis = next((rank for rank, one in enumerate(read.candidates, 1) if one.cis == str(wanted)), 0)
    return level, atc, cis
