"""What a second opinion changes: how sure the reading is. Values stay the grammar's; nothing is replaced in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from prescriptions.engine.confidence import CAPPED, THRESHOLD
from prescriptions.engine.evaluation.case import Span
from prescriptions.engine.schema import Evidence, Line

HIGHEST, LOWEST = 0.995, 0.02
DISAGREES = "a second reader disagrees"
Factors = Mapping[str, tuple[float, float]]
"""Kind -> (odds of being right when the second reader agrees, when he doesn't), each as a factor on the odds before."""


def weighed(line: Line, spans: Sequence[Span], factors: Factors) -> Line:
    """The line with each field's confidence moved by what a tagger says of its words.

    The odds are multiplied by P(agree | right) / P(agree | wrong) as measured on other lines (Bayes). What a person
    corrected, and kinds that nothing was measured of, stay as they are; what is to be checked stays so.
    """
    return replace(line, evidence=tuple(_weighed(item, spans, factors) for item in line.evidence))


def _weighed(item: Evidence, spans: Sequence[Span], factors: Factors) -> Evidence:
    if item.kind not in factors or item.why == "corrected" or item.end <= item.start:
        return item
    agree, disagree = factors[item.kind]
    same = agrees(item, spans)
    moved = moved_by(item.confidence, agree if same else disagree)
    if item.confidence < THRESHOLD:
        moved = min(moved, CAPPED)
    if not same and moved < item.confidence:
        return replace(item, confidence=moved, why=item.why or DISAGREES)
    return replace(item, confidence=moved)


def agrees(item: Evidence, spans: Sequence[Span]) -> bool:
    """Whether at least half of the evidence's characters were tagged with its kind."""
    covered = sum(
        max(0, min(item.end, span.end) - max(item.start, span.start)) for span in spans if span.kind == item.kind
    )
    return covered * 2 >= item.end - item.start


def shifted(span: Span, start: int) -> Span:
    """A span of a line in the text that the line begins at `start` of."""
    return Span(span.kind, span.start + start, span.end + start)


def moved_by(confidence: float, factor: float) -> float:
    """A probability whose odds are multiplied, kept within what one opinion may claim; certainty isn't lowered by 1."""
    sure = min(max(confidence, LOWEST), HIGHEST)
    odds = sure / (1 - sure) * factor
    moved = min(max(odds / (1 + odds), LOWEST), HIGHEST)
    return round(max(moved, confidence) if factor >= 1 else moved, 4)


def factor_of(agree_right: int, right: int, agree_wrong: int, wrong: int) -> tuple[float, float]:
    """(agree, disagree) from counts, with one more of each kind so that nothing is certain (Laplace)."""
    when_right = (agree_right + 1) / (right + 2)
    when_wrong = (agree_wrong + 1) / (wrong + 2)
    return when_right / when_wrong, (1 - when_right) / (1 - when_wrong)
