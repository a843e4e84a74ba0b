"""Write an expression as REDCap's logic: ``[sex] = '1' and [event_1_arm_1][age] > 18``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.expressions.holding import Unsayable, holds, quoted
from ecrf.engine.expressions.operators import ELSEWHERE, LITERALS, Node

__all__ = ["Unsayable", "write"]

LEVELS = {"or": 1, "and": 2, "same": 4, "distinct": 4, "<": 4, "<=": 4, ">": 4, ">=": 4}
LEVELS |= {"+": 5, "-": 5, "*": 6, "/": 6, "^": 8}
SPELT = {"same": "=", "distinct": "<>"}
CONDITIONS = frozenset({"and", "or", "not", "=", "<>", "<", "<=", ">", ">=", "same", "distinct", "ticked", "boolean"})
CONDITIONS |= {"contains", "starts", "ends", "matches"}
CALLS = {
    "%": "mod",
    "abs": "abs",
    "sqrt": "sqrt",
    "exp": "exponential",
    "ln": "log",
    "log": "log",
    "round": "round",
    "floor": "rounddown",
    "ceil": "roundup",
    "sum": "sum",
    "mean": "mean",
    "median": "median",
    "deviation": "stdev",
    "min": "min",
    "max": "max",
    "year": "year",
    "month": "month",
    "day": "day",
    "concat": "concat",
    "upper": "upper",
    "lower": "lower",
    "trim": "trim",
    "length": "length",
    "left": "left",
    "right": "right",
    "mid": "mid",
    "contains": "contains",
    "starts": "starts_with",
    "ends": "ends_with",
}
PLAIN = {
    "null": "''",
    "today": "'today'",
    "now": "'now'",
    "event": "[event-name]",
    "instance": "[current-instance]",
    "subject": "[record-name]",
}


def write(
    node: Node,
    *,
    names: Mapping[str, str] | None = None,
    events: Mapping[str, str] | None = None,
    codes: Mapping[str, Any] | None = None,
    types: Mapping[str, str] | None = None,
) -> str:
    """Raises Unsayable.

    `names` and `events` give what is called otherwise there, `codes` the choices of boxes; the `types` of variables
    tell partial dates, which REDCap doesn't have.
    """
    writer = Writer(names or {}, events or {}, codes or {}, types or {})
    return writer.condition(node) if node[0] in CONDITIONS else writer.value(node)


@dataclass(frozen=True)
class Writer:
    names: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)

    def condition(self, node: Node) -> str:
        return self.truth(holds(node), 0)

    def truth(self, node: Node, above: int) -> str:
        """A condition of two values."""
        head, *parts = node
        if head in ("and", "or"):
            inside = f" {head} ".join(self.truth(part, LEVELS[head] + 1) for part in parts)
            return enclosed(inside, LEVELS[head], above)
        if head == "boolean":
            return enclosed("1 = 1" if parts[0] else "1 = 0", 4, above)
        if head == "if":
            inside = ", ".join((self.truth(parts[0], 0), *(f"({self.truth(part, 0)})" for part in parts[1:])))
            return f"if({inside})"
        if head == "ticked":
            return enclosed(f"{self.box(*parts)} = '1'", 4, above)
        if head == "not" and parts[0][0] == "ticked":
            return enclosed(f"{self.box(*parts[0][1:])} = '0'", 4, above)
        if head == "not":
            return f"not({self.truth(parts[0], 0)})"
        if head in CALLS:
            return self.call(head, parts)
        if head not in LEVELS:
            raise Unsayable(head)
        left, right = (self.value(part, 5) for part in parts)
        return enclosed(f"{left} {SPELT.get(head, head)} {right}", 4, above)

    def value(self, node: Node, above: int = 0) -> str:
        head, *parts = node
        if head in PLAIN:
            return PLAIN[head]
        if head in LITERALS and not isinstance(parts[0], list | tuple):
            return self.literal(head, parts[0], above)
        if head in ("number", "text"):  # REDCap takes one for the other
            return self.value(parts[0], above)
        if head == "var" or head in ELSEWHERE:
            return self.field(node)
        if head == "if":
            return f"if({self.condition(parts[0])}, {self.value(parts[1])}, {self.value(parts[2])})"
        if head == "coalesce":
            *rest, last = parts
            text = self.value(last)
            for part in reversed(rest):
                text = f"if({self.value(part, 5)} <> '', {self.value(part)}, {text})"
            return text
        if head == "count" and isinstance(parts[0], str) and parts[0] in self.codes:
            return f"sum({', '.join(self.box(parts[0], code) for code in self.codes[parts[0]])})"
        if head == "datediff":
            sides = [self.value(part) for part in parts[:3]]
            return f"datediff({', '.join(sides)}, {str(parts[3][1]).lower()})"
        if head in ("bmi", "bsa"):
            return self.measured(head, *(self.value(part, 9) for part in parts))
        if head == "neg":
            return enclosed(f"-{self.value(parts[0], 8)}", 7, above)
        if head in ("+", "-", "*", "/"):
            level = LEVELS[head]
            sides = [self.value(parts[0], level), *(self.value(part, level + 1) for part in parts[1:])]
            return enclosed(f" {head} ".join(sides), level, above)
        if head == "^":
            return enclosed(f"{self.value(parts[0], 9)} ^ {self.value(parts[1], 9)}", 8, above)
        if head in CALLS and head not in CONDITIONS:
            return self.call(head, parts)
        raise Unsayable(head)

    def measured(self, head: str, kg: str, cm: str) -> str:
        formula = f"{kg} / ({cm} / 100) ^ 2" if head == "bmi" else f"sqrt({kg} * {cm} / 3600)"
        return f"if({kg} > 0 and {cm} > 0, {formula}, '')"

    def call(self, head: str, parts: list[Any]) -> str:
        return f"{CALLS[head]}({', '.join(self.value(part) for part in parts)})"

    def field(self, where: str | Node, code: str = "") -> str:
        if isinstance(where, str):
            return f"[{self.names.get(where, where)}{code}]"
        head, names = where[0], where[1:]
        if self.types.get(names[-1]) == "partial":
            raise Unsayable("partial")
        field = f"[{self.names.get(names[-1], names[-1])}{code}]"
        if head == "of":
            return f"[{self.events.get(names[0], names[0])}]{field}"
        if head == "previous":
            return f"[previous-event-name]{field}"
        if head == "var":
            return field
        raise Unsayable(head)

    def box(self, where: str | Node, code: str) -> str:
        return self.field(where, f"({code})")

    def literal(self, head: str, value: Any, above: int) -> str:
        if head == "number":
            return enclosed(str(value), 7, above) if value.startswith("-") else str(value)
        if head in ("boolean", "partial"):
            raise Unsayable(head)
        return quoted(value.replace("T", " ") if head == "datetime" else value)


def enclosed(text: str, level: int, above: int) -> str:
    return f"({text})" if level < above else text
