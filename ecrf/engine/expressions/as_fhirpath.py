"""Write an expression as FHIRPath on a QuestionnaireResponse, as SDC's enableWhenExpression takes it:
``%resource.repeat(item).where(linkId='age').answer.value > 18``.

FHIRPath's empty collection is our null, in comparisons and in logic; no rewriting is needed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ecrf.engine.expressions.holding import NEVER_NULL, Unsayable, is_literal
from ecrf.engine.expressions.operators import LITERALS, Node

__all__ = ["Unsayable", "write"]

CODED = frozenset({"choice", "choices"})
LEVELS = {"or": 1, "and": 2, "in": 3, "=": 4, "<>": 4, "<": 5, "<=": 5, ">": 5, ">=": 5}
LEVELS |= {"+": 7, "-": 7, "concat": 7, "*": 8, "/": 8, "%": 8, "div": 8, "neg": 9}
SIGNS = {"<>": "!=", "%": "mod", "concat": "&"}
ATOM = 10
METHODS = {"abs": "abs", "sqrt": "sqrt", "exp": "exp", "ln": "ln", "log": "log", "^": "power"}
METHODS |= {"upper": "upper", "lower": "lower", "trim": "trim", "length": "length"}
FOLDED = {"contains": "contains", "starts": "startsWith", "ends": "endsWith"}
GATHERED = {"mean": ".avg()", "min": ".min()", "max": ".max()", "first": ".first()", "last": ".last()"}
GATHERED |= {"sum": ".aggregate($this + iif($total.empty(), 0, $total))", "join": ".join(', ')"}
PLAIN = {"null": "{}", "today": "today()", "now": "now()"}
PARTS = {"year": (0, 4), "month": (5, 2), "day": (8, 2)}


def write(
    node: Node,
    *,
    links: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    repeats: Mapping[str, Any] | None = None,
) -> str:
    """Raises Unsayable. `links` gives each linkId that isn't the key, `kinds` the types of items: choices are codings.

    `repeats` names the items in the rows of each repeat.
    """
    return Writer(links or {}, kinds or {}, repeats or {}).text(node)


@dataclass(frozen=True)
class Writer:
    links: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    repeats: Mapping[str, Any] = field(default_factory=dict)
    row: frozenset[str] = frozenset()
    """The items that are read in the row looked at."""

    def text(self, node: Node, above: int = 0) -> str:
        head, *parts = node
        if head in PLAIN:
            return PLAIN[head]
        if head in LITERALS and not isinstance(parts[0], list | tuple):
            text, level = literal(head, parts[0])
        elif head in WRITERS:
            text, level = WRITERS[head](self, *parts), ATOM
        elif head == "neg":
            text, level = f"-{self.text(parts[0], ATOM)}", LEVELS[head]
        elif head in LEVELS:
            level = LEVELS[head]
            sides = [
                self.text(parts[0], level + (level in (4, 5))),
                *(self.text(part, level + 1) for part in parts[1:]),
            ]
            text = f" {SIGNS.get(head, head)} ".join(sides)
        elif head in METHODS:
            given = ", ".join(self.text(part) for part in parts[1:])
            text, level = f"{self.text(parts[0], ATOM)}.{METHODS[head]}({given})", ATOM
        elif head in FOLDED:
            a, b = (f"{self.text(part, ATOM)}.lower()" for part in parts)
            text, level = f"{a}.{FOLDED[head]}({b})", ATOM
        else:
            raise Unsayable(head)
        return f"({text})" if level < above else text

    def items(self, name: str) -> str:
        link = quoted(self.links.get(name, name))
        return (
            f"repeat(item).where(linkId={link})" if name in self.row else f"%resource.repeat(item).where(linkId={link})"
        )

    def variable(self, name: str) -> str:
        kind = self.kinds.get(name)
        if kind == "partial_date":  # of two partial dates written alike FHIRPath says that they are equal
            raise Unsayable("partial")
        return f"{self.items(name)}.answer.value{'.code' if kind in CODED else ''}"

    def boxes(self, where: str | Node) -> str:
        if not isinstance(where, str):
            raise Unsayable(where[0])
        return f"{self.items(where)}.answer.value.code"

    def same(self, a: Node, b: Node) -> str:
        if b[0] == "null" or a[0] == "null":
            return f"{self.text(a if b[0] == 'null' else b, ATOM)}.empty()"
        both = "false"
        if not any(is_literal(part) or part[0] in NEVER_NULL for part in (a, b)):
            both = f"{self.text(a, ATOM)}.empty() and {self.text(b, ATOM)}.empty()"
        return f"iif({self.text(a, 5)} = {self.text(b, 5)}, true, {both})"

    def distinct(self, a: Node, b: Node) -> str:
        if b[0] == "null" or a[0] == "null":
            return f"{self.text(a if b[0] == 'null' else b, ATOM)}.exists()"
        return f"{self.same(a, b)}.not()"

    def coalesce(self, first: Node, *rest: Node) -> str:
        if not rest:
            return self.text(first, ATOM)
        return f"iif({self.text(first, ATOM)}.exists(), {self.text(first)}, {self.coalesce(*rest)})"

    def combined(self, how: str, *parts: Node) -> str:
        first, *rest = parts
        return self.text(first, ATOM) + "".join(f".combine({self.text(part)})" for part in rest) + GATHERED[how]

    def over(self, how: str, repeat: str, node: Node) -> str:
        rows = self.items(repeat)
        inside = replace(self, row=frozenset(self.repeats.get(repeat, ()))).text(node)
        if how == "any":
            return f"{rows}.where({inside}).exists()"
        if how == "all":
            return f"{rows}.all({inside})"
        if how == "count" and node[0] != "var":
            return f"{rows}.where({inside}).count()"
        return f"{rows}.select({inside}){'.count()' if how == 'count' else GATHERED[how]}"

    def rounded(self, number: Node, digits: Node) -> str:
        return f"{self.text(number, ATOM)}.round({self.text(digits)})"

    def whole(self, name: str, number: Node, digits: Node) -> str:
        if digits != ["number", "0"]:
            raise Unsayable(name)
        return f"{self.text(number, ATOM)}.{'floor' if name == 'floor' else 'ceiling'}()"

    def part(self, name: str, moment: Node) -> str:
        start, many = PARTS[name]
        return f"{self.text(moment, ATOM)}.toString().substring({start}, {many}).toInteger()"

    def age(self, birth: Node, on: Node) -> str:
        days = [f"{self.text(part, ATOM)}.toString().replace('-', '').toInteger()" for part in (birth, on)]
        return f"iif({days[1]} >= {days[0]}, ({days[1]} - {days[0]}) div 10000, {{}})"

    def measured(self, kg: Node, cm: Node, formula: str) -> str:
        a, b = self.text(kg, ATOM), self.text(cm, ATOM)
        return f"iif({a} > 0 and {b} > 0, {formula.format(kg=a, cm=b)}, {{}})"

    def mid(self, text: Node, first: Node, many: Node) -> str:
        return f"{self.text(text, ATOM)}.substring({self.text(first, 8)} - 1, {self.text(many)})"

    def as_text(self, part: Node) -> str:
        if part[0] in ("and", "or", "not", "=", "<>", "<", "<=", ">", ">=", "ticked", "boolean"):
            raise Unsayable("text")  # 1 and 0 here, true and false there
        return f"{self.text(part, ATOM)}.toString()"


def literal(head: str, value: Any) -> tuple[str, int]:
    if head == "boolean":
        return ("true" if value else "false"), ATOM
    if head == "number":
        return value, LEVELS["neg"] if value.startswith("-") else ATOM
    if head == "text":
        return quoted(value), ATOM
    if head == "partial":
        raise Unsayable(head)
    return {"date": "@", "datetime": "@", "time": "@T"}[head] + value, ATOM


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


WRITERS: dict[str, Any] = {
    "var": Writer.variable,
    "ticked": lambda writer, where, code: f"({quoted(code)} in {writer.boxes(where)})",
    "count": lambda writer, where: f"{writer.boxes(where)}.count()",
    "rows": lambda writer, repeat: f"{writer.items(repeat)}.count()",
    "over": Writer.over,
    "not": lambda writer, part: f"{writer.text(part, ATOM)}.not()",
    "if": lambda writer, a, b, c: f"iif({writer.text(a)}, {writer.text(b)}, {writer.text(c)})",
    "same": Writer.same,
    "distinct": Writer.distinct,
    "coalesce": Writer.coalesce,
    **{how: lambda writer, *parts, how=how: writer.combined(how, *parts) for how in ("sum", "mean", "min", "max")},
    "round": Writer.rounded,
    "floor": lambda writer, number, digits: writer.whole("floor", number, digits),
    "ceil": lambda writer, number, digits: writer.whole("ceil", number, digits),
    **{name: lambda writer, moment, name=name: writer.part(name, moment) for name in PARTS},
    "date_of": lambda writer, moment: f"{writer.text(moment, ATOM)}.toString().substring(0, 10).toDate()",
    "age": Writer.age,
    "bmi": lambda writer, kg, cm: writer.measured(kg, cm, "{kg} / ({cm} / 100).power(2)"),
    "bsa": lambda writer, kg, cm: writer.measured(kg, cm, "({kg} * {cm} / 3600).sqrt()"),
    "left": lambda writer, text, many: f"{writer.text(text, ATOM)}.substring(0, {writer.text(many)})",
    "mid": Writer.mid,
    "matches": lambda writer, text, pattern: f"{writer.text(text, ATOM)}.matches({quoted(f'^(?:{pattern[1]})$')})",
    "number": lambda writer, part: f"{writer.text(part, ATOM)}.toString().toDecimal()",
    "text": Writer.as_text,
}
