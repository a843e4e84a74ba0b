"""Expressions of the language as JavaScript that gives the same in a page script.

A boolean of three values is written as one question: is it true (`true`), or is it false (`false`)? Unknown is neither.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Node = list[Any]
ORDER = {"<": (" < ", " >= "), "<=": (" <= ", " > "), ">": (" > ", " <= "), ">=": (" >= ", " < ")}
HELPERS = {
    "round": "round", "sum": "sum", "mean": "mean", "median": "median", "min": "least", "max": "greatest", "age": "age",
    "left": "left", "right": "right", "mid": "mid",
}  # fmt: skip
MATH = {"abs": "Math.abs", "exp": "Math.exp"}
FINITE = {"sqrt": "Math.sqrt", "ln": "Math.log"}


class Untold(Exception):
    """An operator that page scripts have no words for."""


@dataclass
class Printer:
    """`variable` writes a reference; `kinds` is the type of an item's values, `value` what a code is in the script."""

    variable: Callable[[str], str]
    kinds: Mapping[str, str]
    value: Callable[[str, str], Any]
    helpers: set[str] = field(default_factory=set)

    def kind(self, node: Node) -> str:
        head = node[0]
        if head == "var":
            return self.kinds.get(node[1], "text")
        if head in ("text", "concat", "upper", "lower", "trim", "left", "right", "mid", "subject"):
            return "text"
        if head in ("today", "date", "date_of", "shift"):
            return "date"
        if head in ("if", "coalesce", "min", "max"):
            kinds = [self.kind(part) for part in (node[2:] if head == "if" else node[1:])]
            return next((kind for kind in kinds if kind != "null"), "null")
        if head in (
            "and",
            "or",
            "not",
            "same",
            "distinct",
            "=",
            "<>",
            "ticked",
            "boolean",
            "starts",
            "ends",
            "matches",
            *ORDER,
        ):
            return "boolean"
        return head if head in ("null", "time", "datetime") else "number"

    def helper(self, name: str, *parts: str) -> str:
        self.helpers.add(name)
        return f"{name}({', '.join(parts)})"

    def write(self, node: Node) -> str:
        """A number, a text or a moment; empty is undefined, or for a number NaN."""
        head, *parts = node
        if head == "null":
            return "undefined"
        if head in ("number", "text") and isinstance(parts[0], list):
            inner = self.write(parts[0])
            return f"Number({inner} ?? NaN)" if head == "number" else self.helper("text", inner)
        if head == "number":
            return str(parts[0])
        if head == "text":
            return json.dumps(parts[0], ensure_ascii=False)
        if head in ("date", "time"):
            return f"Local{head.title()}.parse({json.dumps(parts[0])})"
        if head == "var":
            return self.variable(parts[0])
        if head == "count":
            return f"({self.variable(parts[0])} ?? []).length"
        if head == "today":
            return "LocalDate.today()"
        if head == "if":
            return f"({self.true(parts[0])} ? {self.write(parts[1])} : {self.write(parts[2])})"
        if head == "coalesce":
            return self.helper("first", *map(self.write, parts))
        if head in ("+", "-", "*"):
            return f"({f' {head} '.join(map(self.write, parts))})"
        if head == "/":
            return (
                f"({self.write(parts[0])} / {self.write(parts[1])})"
                if self.certain(parts[1])
                else self.helper("finite", f"{self.write(parts[0])} / {self.write(parts[1])}")
            )
        if head == "^":
            return self.helper("finite", f"({self.write(parts[0])}) ** ({self.write(parts[1])})")
        if head == "neg":
            return f"(-{self.write(parts[0])})"
        if head in MATH:
            return f"{MATH[head]}({self.write(parts[0])})"
        if head in FINITE:
            return self.helper("finite", f"{FINITE[head]}({self.write(parts[0])})")
        if head in ("floor", "ceil") and parts[1] == ["number", "0"]:
            return f"Math.{head}({self.write(parts[0])})"
        if head in HELPERS:
            return self.helper(HELPERS[head], *map(self.write, parts))
        if head == "concat":
            return self.helper("concat", *map(self.write, parts))
        if head in ("upper", "lower", "trim"):
            method = {"upper": "toUpperCase", "lower": "toLowerCase", "trim": "trim"}[head]
            return f"{self.write(parts[0])}?.{method}()"
        if head == "length":
            return f"({self.write(parts[0])}?.length ?? NaN)"
        if head in ("year", "month", "day"):
            return f"({self.write(parts[0])}?.{head} ?? NaN)"
        if head == "datediff" and parts[2] == ["text", "d"] and parts[3] == ["boolean", True]:
            return f"({self.write(parts[1])} - {self.write(parts[0])})"
        if head == "shift" and parts[2][1] in ("d", "M"):
            method = "plus" if parts[2][1] == "d" else "plusMonths"
            return f"{self.write(parts[0])}?.{method}({self.write(parts[1])})"
        if self.kind(node) == "boolean":
            return self.true(node)
        raise Untold(head)

    def certain(self, node: Node) -> bool:
        return node[0] == "number" and isinstance(node[1], str) and float(node[1]) != 0

    def true(self, node: Node) -> str:
        return self.question(node, True)

    def false(self, node: Node) -> str:
        return self.question(node, False)

    def question(self, node: Node, wanted: bool) -> str:
        head, *parts = node
        if head == "boolean":
            return "true" if parts[0] == wanted else "false"
        if head == "null":
            return "false"
        if head in ("and", "or"):
            sign = " && " if (head == "and") == wanted else " || "
            return f"({sign.join(self.question(part, wanted) for part in parts)})"
        if head == "not":
            return self.question(parts[0], not wanted)
        if head == "if":
            return f"({self.true(parts[0])} ? {self.question(parts[1], wanted)} : {self.question(parts[2], wanted)})"
        if head in ORDER:
            return f"({self.write(parts[0])}{ORDER[head][0 if wanted else 1]}{self.write(parts[1])})"
        if head in ("=", "<>"):
            return self.equal(*parts) if (head == "=") == wanted else self.different(*parts)
        if head in ("same", "distinct"):
            made = self.same(*parts)
            return made if (head == "same") == wanted else f"!{made}"
        if head == "ticked":
            code = json.dumps(self.value(parts[0], parts[1]), ensure_ascii=False)
            made = f"({self.variable(parts[0])} ?? []).includes({code})"
            return made if wanted else f"!{made}"
        if head in ("starts", "ends", "matches"):
            made = self.matching(head, *parts)
            return made if wanted else f"({self.write(parts[0])} != null && !{made})"
        raise Untold(head)

    def matching(self, head: str, text: Node, other: Node) -> str:
        if head == "matches":
            return f'/^(?:{other[1]})$/.test({self.write(text)} ?? "")'.replace("\n", "\\n")
        return f'({self.write(text)} ?? "").{head}With({self.write(other)})'

    def sides(self, left: Node, right: Node) -> tuple[str, str, str]:
        """Both sides as JavaScript compares them, and the kind of comparison."""
        for one, other in ((left, right), (right, left)):
            if one[0] == "var" and other[0] == "text" and isinstance(other[1], str):
                return self.variable(one[1]), json.dumps(self.value(one[1], other[1]), ensure_ascii=False), "literal"
        kind = next((kind for kind in (self.kind(left), self.kind(right)) if kind != "null"), "null")
        if kind in ("number", "date", "time"):
            constant = any(one[0] == "number" and isinstance(one[1], str) for one in (left, right))
            plus = "" if constant else "+"
            return f"{plus}{self.write(left)}", f"{plus}{self.write(right)}", "number"
        literal = any(one[0] == "text" and isinstance(one[1], str) for one in (left, right))
        return self.write(left), self.write(right), "literal" if literal else kind

    def equal(self, left: Node, right: Node) -> str:
        one, other, kind = self.sides(left, right)
        if kind == "text":
            return f"({one} != null && {one} === {other})"
        if kind not in ("literal", "number"):
            raise Untold("=")
        return f"({one} === {other})"

    def different(self, left: Node, right: Node) -> str:
        one, other, kind = self.sides(left, right)
        if kind == "number":
            return f"({one} < {other} || {one} > {other})"
        if kind == "literal":
            known = other if one[:1] in '"-0123456789' or one in ("true", "false") else one
            return f"({known} != null && {one} !== {other})"
        if kind != "text":
            raise Untold("<>")
        return f"({one} != null && {other} != null && {one} !== {other})"

    def same(self, left: Node, right: Node) -> str:
        if right[0] == "boolean":
            return self.question(left, right[1])
        if right == ["null"]:
            if self.kind(left) == "number" and left[0] != "var":
                return f"Number.isNaN({self.write(left)} ?? NaN)"
            if self.kind(left) == "boolean":
                return f"!({self.true(left)} || {self.false(left)})"
            return f"({self.write(left)} == null)"
        one, other, kind = self.sides(left, right)
        if kind == "number":
            return self.helper("same", one, other)
        if kind not in ("text", "literal"):
            raise Untold("same")
        return f"({one} === {other})"


LIBRARY = Path(__file__).with_name("library.js")
"""What pages import that need it."""
