"""Doses that are written for a whole day, where nothing says how they are shared: « 2 cp/j »."""

from __future__ import annotations

from prescriptions.engine.schema import Line

WHY = "how the daily dose is shared is not said"
"""The grammar's doubt. A person who corrects the dose takes it away."""
WORDS = "répartition dans la journée non écrite"


def unshared(line: Line) -> frozenset[int]:
    """The places of such dosages among those of the line."""
    found = [item.path.split(".") for item in line.evidence if item.why == WHY]
    return frozenset(int(path[1]) for path in found if len(path) > 1 and path[1].isdecimal())
