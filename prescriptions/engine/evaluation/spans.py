"""Spans: strict when offsets and kind are equal, lenient when they overlap with the same kind (n2c2 2018)."""

from __future__ import annotations

from collections import defaultdict

from prescriptions.engine.evaluation.case import Case
from prescriptions.engine.evaluation.reading import Reading

Count = tuple[int, int, int]
Place = tuple[int, int]


def counts(case: Case, reading: Reading) -> dict[str, tuple[Count, Count]]:
    """Kind -> (strict, lenient) counts of found, too much and missing."""
    wanted: dict[str, set[Place]] = defaultdict(set)
    for span in case.spans:
        wanted[span.kind].add((span.start, span.end))
    got: dict[str, set[Place]] = defaultdict(set)
    for one in reading.medications:
        for item in one.evidence:
            if item.end > item.start:
                got[item.kind].add((item.start, item.end))
    return {
        kind: (_strict(wanted[kind], got[kind]), _lenient(wanted[kind], got[kind]))
        for kind in sorted({*wanted, *got} & KINDS_OF_SPANS)
    }


KINDS_OF_SPANS = frozenset({"medicine", "strength", "form", "dose", "frequency", "duration", "need", "limit", "route",
                            "supply"})  # fmt: skip
"""What annotators mark; remarks have no agreed bounds."""


def _strict(wanted: set[Place], got: set[Place]) -> Count:
    found = len(wanted & got)
    return found, len(got) - found, len(wanted) - found


def _lenient(wanted: set[Place], got: set[Place]) -> Count:
    """Each expected span is found by at most one that overlaps it."""
    free = sorted(got)
    found = 0
    for start, end in sorted(wanted):
        match = next((one for one in free if one[0] < end and start < one[1]), None)
        if match:
            free.remove(match)
            found += 1
    return found, len(got) - found, len(wanted) - found
