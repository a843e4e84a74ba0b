"""Three values told to languages that have two: when a condition certainly holds, or certainly doesn't.

REDCap's logic and XPath know no "unknown": a blank is a value that differs from any other. What is written for them
says so where it matters: ``x <> '1'``, unknown for a blank here, becomes ``x <> '1' and x <> ''`` there.
"""

from __future__ import annotations

from typing import Any

from ecrf.engine.expressions.operators import LITERALS, Node

OPPOSITE = {
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "same": "distinct",
    "distinct": "same",
    "and": "or",
    "or": "and",
}
NEVER_NULL = frozenset({"ticked", "count", "rows", "instance", "today", "now"})


class Unsayable(Exception):
    """What the other language can't say; `what` is the operator."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


def is_literal(node: Node) -> bool:
    return node[0] in LITERALS and not isinstance(node[1], list | tuple)


def known(*parts: Node) -> list[Any]:
    """Conditions that these have a value."""
    return [["distinct", list(part), ["null"]] for part in parts if not is_literal(part) and part[0] not in NEVER_NULL]


def every(conditions: list[Any]) -> list[Any]:
    return list(conditions[0]) if len(conditions) == 1 else ["and", *conditions]


def holds(node: Node, wanted: bool = True) -> list[Any]:
    """A condition without unknowns: true where `node` is certainly what is wanted, else false. Raises Unsayable.

    Comparisons by size are left as they are: with a blank, they don't hold in these languages either.
    """
    head, *parts = node
    if head == "boolean" and isinstance(parts[0], bool):
        return ["boolean", parts[0] is wanted]
    if head == "null":
        return ["boolean", False]
    if head in ("and", "or"):
        return [head if wanted else OPPOSITE[head], *(holds(part, wanted) for part in parts)]
    if head == "not":
        return holds(parts[0], not wanted)
    if head == "if":
        return ["if", holds(parts[0]), holds(parts[1], wanted), holds(parts[2], wanted)]
    if head in ("=", "<>"):
        if (head == "=") is wanted:
            guards = [] if any(is_literal(part) for part in parts) else known(parts[0])
            return every([["same", *parts], *guards])
        return every([["distinct", *parts], *known(*parts)])
    if head in OPPOSITE:
        return [head if wanted else OPPOSITE[head], *parts]
    if head == "ticked":
        return list(node) if wanted else ["not", list(node)]
    if head in ("contains", "starts", "ends", "matches"):
        return list(node) if wanted else every([["not", list(node)], *known(*parts)])
    raise Unsayable(head)


def quoted(text: str) -> str:
    """Between the quotation marks that it doesn't hold: these languages can't write both. Raises Unsayable.

    Nor do they tell a text of blanks from a blank.
    """
    mark = '"' if "'" in text else "'"
    if mark in text or not text.strip():
        raise Unsayable("text")
    return mark + text + mark
