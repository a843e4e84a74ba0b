"""What was made from what: the part of a graph around some things, and where each of them stands in a drawing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Edge = tuple[str, str]
"""From what something was made, to what was made from it."""
MOST = 200
"""Things in one drawing: beyond, those next to where one began are shown."""


@dataclass(frozen=True)
class Place:
    """Where something stands: its column from the left, and its row in it."""

    column: int
    row: int


def around(starts: Collection[str], edges: Iterable[Edge]) -> tuple[list[str], bool]:
    """What the starts came from and what came of them, the nearest first; and whether that is all of it.

    What else was made from the same source isn't there: upward one goes up, downward one goes down.
    """
    up, down = defaultdict(list), defaultdict(list)
    for source, made in edges:
        up[made].append(source)
        down[source].append(made)
    found = dict.fromkeys(starts)
    for ways in (up, down):
        waiting, seen = list(starts), set(starts)
        while waiting:
            here = waiting.pop(0)
            for there in ways[here]:
                if there in seen:
                    continue
                if len(found) >= MOST and there not in found:
                    return list(found), False
                seen.add(there)
                found[there] = None
                waiting.append(there)
    return list(found), True


def places(nodes: Collection[str], edges: Iterable[Edge]) -> dict[str, Place]:
    """Everything to the right of what it was made from; a circle, which nothing sound makes, is cut where it closes."""
    sources: Mapping[str, list[str]] = defaultdict(list)
    for source, made in edges:
        if source in nodes and made in nodes:
            sources[made].append(source)
    columns: dict[str, int] = {}

    def column_of(node: str, above: frozenset[str]) -> int:
        if node not in columns:
            ways = [column_of(source, above | {node}) + 1 for source in sources[node] if source not in above]
            columns[node] = max(ways, default=0)
        return columns[node]

    rows: dict[int, int] = defaultdict(int)
    stands: dict[str, Place] = {}
    for node in nodes:
        column = column_of(node, frozenset())
        stands[node] = Place(column, rows[column])
        rows[column] += 1
    return stands


def parents(provenance: Any) -> list[tuple[str, int]]:
    """The dataset versions that a provenance names: {dataset, version}, or a list of such under ``sources``."""
    if not isinstance(provenance, Mapping):
        return []
    given = provenance.get("sources")
    named = [provenance, *(given if isinstance(given, list) else [])]
    return [
        (one["dataset"], one["version"])
        for one in named
        if isinstance(one, Mapping) and isinstance(one.get("dataset"), str) and isinstance(one.get("version"), int)
    ]
