"""Write an expression as the XPath of XLSForms: ``${age} > 18 and selected(${race}, '2')``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.expressions.holding import Unsayable, holds, quoted
from ecrf.engine.expressions.operators import LITERALS, UNIT_SECONDS, Node

__all__ = ["Unsayable", "write"]

LEVELS = {"or": 1, "and": 2, "same": 3, "distinct": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
LEVELS |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
SPELT = {"same": "=", "distinct": "!=", "/": "div", "%": "mod"}
CONDITIONS = frozenset({"and", "or", "not", "=", "<>", "<", "<=", ">", ">=", "same", "distinct", "ticked", "boolean"})
CONDITIONS |= {"contains", "starts", "ends", "matches"}
CALLS = {"^": "pow", "abs": "abs", "sqrt": "sqrt", "exp": "exp", "ln": "log", "min": "min", "max": "max"}
CALLS |= {"concat": "concat", "length": "string-length", "number": "number", "text": "string"}
PLAIN = {"null": "''", "today": "today()", "now": "now()"}
PARTS = {"year": "%Y", "month": "%n", "day": "%e"}


def write(
    node: Node,
    *,
    names: Mapping[str, str] | None = None,
    this: str = "",
    types: Mapping[str, str] | None = None,
) -> str:
    """Raises Unsayable. `names` gives what is called otherwise there; the field `this` is written ``.``.

    The `types` of variables tell partial dates and times of day, with which XLSForms don't reckon.
    """
    writer = Writer(names or {}, this, types or {})
    return writer.truth(holds(node), 0) if node[0] in CONDITIONS else writer.value(node)


@dataclass(frozen=True)
class Writer:
    names: Mapping[str, str] = field(default_factory=dict)
    this: str = ""
    types: Mapping[str, str] = field(default_factory=dict)

    def truth(self, node: Node, above: int) -> str:
        """A condition of two values."""
        head, *parts = node
        if head in ("and", "or"):
            inside = f" {head} ".join(self.truth(part, LEVELS[head] + 1) for part in parts)
            return enclosed(inside, LEVELS[head], above)
        if head == "boolean":
            return "true()" if parts[0] else "false()"
        if head == "if":
            return f"if({', '.join(self.truth(part, 0) for part in parts)})"
        if head == "ticked":
            if not isinstance(parts[0], str):
                raise Unsayable(parts[0][0])
            return f"selected({self.variable(parts[0])}, {quoted(parts[1])})"
        if head == "not":
            return f"not({self.truth(parts[0], 0)})"
        if head == "matches":
            return f"regex({self.value(parts[0])}, {quoted(anchored(parts[1][1]))})"
        if head not in LEVELS:
            raise Unsayable(head)
        level = LEVELS[head]
        left, right = (self.value(part, 5) for part in parts)
        return enclosed(f"{left} {SPELT.get(head, head)} {right}", level, above)

    def value(self, node: Node, above: int = 0) -> str:
        head, *parts = node
        if head in PLAIN:
            return PLAIN[head]
        if head in LITERALS and not isinstance(parts[0], list | tuple):
            return self.literal(head, parts[0], above)
        if head in WRITERS:
            return str(WRITERS[head](self, *parts))
        if head == "var":
            return self.variable(parts[0])
        if head == "neg":
            return enclosed(f"-{self.value(parts[0], 7)}", 7, above)
        if head in ("+", "-", "*", "/", "%"):
            level = LEVELS[head]
            sides = [self.value(parts[0], level), *(self.value(part, level + 1) for part in parts[1:])]
            return enclosed(f" {SPELT.get(head, head)} ".join(sides), level, above)
        if head in CALLS:
            return f"{CALLS[head]}({', '.join(self.value(part) for part in parts)})"
        raise Unsayable(head)

    def variable(self, name: str) -> str:
        if self.types.get(name) in ("partial", "time"):
            raise Unsayable(self.types[name])
        return "." if name == self.this else f"${{{self.names.get(name, name)}}}"

    def literal(self, head: str, value: Any, above: int) -> str:
        if head == "number":
            return enclosed(str(value), 7, above) if value.startswith("-") else str(value)
        if head == "date":
            return f"date({quoted(value)})"
        if head != "text":
            raise Unsayable(head)
        return quoted(value)

    def condition(self, condition: Node, then: Node, otherwise: Node) -> str:
        return f"if({self.truth(holds(condition), 0)}, {self.value(then)}, {self.value(otherwise)})"

    def coalesce(self, first: Node, *rest: Node) -> str:
        return f"coalesce({self.value(first)}, {self.coalesce(*rest)})" if rest else self.value(first)

    def count(self, where: str | Node) -> str:
        if not isinstance(where, str):
            raise Unsayable(where[0])
        return f"count-selected({self.variable(where)})"

    def rows(self, repeat: str) -> str:
        return f"count({self.variable(repeat)})"

    def over(self, how: str, repeat: str, node: Node) -> str:
        if how not in ("sum", "min", "max") or node[0] != "var":
            raise Unsayable("over")
        return f"{how}({self.variable(node[1])})"

    def total(self, *parts: Node) -> str:
        """The sum leaves out blanks; all blank, it is blank."""
        sides = [self.value(part) for part in parts]
        blank = " and ".join(f"{side} = ''" for side in (self.value(part, 5) for part in parts))
        return f"if({blank}, '', {' + '.join(f'coalesce({side}, 0)' for side in sides)})"

    def mean(self, *parts: Node) -> str:
        many = " + ".join(f"if({self.value(part, 5)} = '', 0, 1)" for part in parts)
        return f"{self.total(*parts)} div ({many})" if len(parts) > 1 else self.value(parts[0])

    def rounded(self, number: Node, digits: Node) -> str:
        return f"round({self.value(number)}, {self.value(digits)})"

    def whole(self, number: Node, digits: Node, sign: str, step: str) -> str:
        if digits != ["number", "0"]:
            raise Unsayable("floor" if sign == "<" else "ceil")
        x = self.value(number, 5)
        return f"if({x} {sign} int({x}), int({x}) {step}, int({x}))"

    def logarithm(self, number: Node, base: Node) -> str:
        if base == ["number", "10"]:
            return f"log10({self.value(number)})"
        return f"(log({self.value(number)}) div log({self.value(base)}))"

    def left(self, text: Node, many: Node) -> str:
        return f"substr({self.value(text)}, 0, {self.value(many)})"

    def mid(self, text: Node, first: Node, many: Node) -> str:
        begin = self.value(first, 6)
        return f"substr({self.value(text)}, {begin} - 1, {begin} - 1 + {self.value(many, 6)})"

    def age(self, birth: Node, on: Node) -> str:
        a, b = (f"number(format-date({self.value(part)}, '%Y%m%d'))" for part in (birth, on))
        return f"if({b} < {a}, '', int(({b} - {a}) div 10000))"

    def datediff(self, first: Node, second: Node, unit: Node, signed: Node) -> str:
        """Moments are days and parts of days."""
        a, b = (f"decimal-date-time({self.value(part)})" for part in (first, second))
        days = f"({b} - {a})" if signed[1] else f"abs({b} - {a})"
        return f"({days} * 86400 div {UNIT_SECONDS[unit[1]]})"

    def measured(self, kg: Node, cm: Node, formula: str) -> str:
        a, b = self.value(kg, 7), self.value(cm, 7)
        return f"if({a} > 0 and {b} > 0, {formula.format(kg=a, cm=b)}, '')"


def anchored(pattern: str) -> str:
    """Some tools look for a part of the text, others at the whole: this is right for both."""
    return f"^({pattern})$"


def enclosed(text: str, level: int, above: int) -> str:
    return f"({text})" if level < above else text


WRITERS: dict[str, Any] = {
    "if": Writer.condition,
    "coalesce": Writer.coalesce,
    "count": Writer.count,
    "rows": Writer.rows,
    "over": Writer.over,
    "sum": Writer.total,
    "mean": Writer.mean,
    "round": Writer.rounded,
    "floor": lambda writer, number, digits: writer.whole(number, digits, "<", "- 1"),
    "ceil": lambda writer, number, digits: writer.whole(number, digits, ">", "+ 1"),
    "log": Writer.logarithm,
    "left": Writer.left,
    "mid": Writer.mid,
    "age": Writer.age,
    "datediff": Writer.datediff,
    "bmi": lambda writer, kg, cm: writer.measured(kg, cm, "{kg} div pow({cm} div 100, 2)"),
    "bsa": lambda writer, kg, cm: writer.measured(kg, cm, "sqrt({kg} * {cm} div 3600)"),
    "date_of": lambda writer, moment: f"date({writer.value(moment)})",
    "choice": lambda writer, attribute: "name" if attribute == "code" else attribute,
    **{
        name: lambda writer, moment, form=form: f"number(format-date({writer.value(moment)}, '{form}'))"
        for name, form in PARTS.items()
    },
}
