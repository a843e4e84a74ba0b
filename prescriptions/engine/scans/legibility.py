"""A value is no surer than the words on the page that it was read from."""

from __future__ import annotations

from dataclasses import replace

from prescriptions.engine.scans.page import Scan, Word
from prescriptions.engine.schema import Evidence, Line, Ordonnance

LEGIBLE = 0.75
"""Confidence of a reader of images from which a word counts as read."""
WHY = "hard to read on the page"


def doubted(ordonnance: Ordonnance, scan: Scan) -> Ordonnance:
    """The ordonnance, read from the text of `scan`, with doubts where its words were hard to read."""
    dim = [word for page in scan.pages for word in page.words if word.confidence < LEGIBLE]
    if not dim:
        return ordonnance
    return replace(ordonnance, lines=tuple(_line(line, dim) for line in ordonnance.lines))


def _line(line: Line, dim: list[Word]) -> Line:
    here = [word for word in dim if word.start < line.end and line.start < word.end]
    return replace(line, evidence=tuple(_doubt(item, here) for item in line.evidence)) if here else line


def _doubt(item: Evidence, dim: list[Word]) -> Evidence:
    worst = min((word.confidence for word in dim if word.start < item.end and item.start < word.end), default=1.0)
    return replace(item, confidence=round(worst, 2), why=WHY) if worst < item.confidence else item
