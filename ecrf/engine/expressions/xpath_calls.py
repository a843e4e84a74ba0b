"""The functions of XLSForms' XPath."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ecrf.engine import patterns
from ecrf.engine.redcap.conversion import Node, Typed, convert
from ecrf.engine.redcap.logic import LogicError, Tree
from ecrf.engine.redcap.lowering import Fields, Lowering


@dataclass(frozen=True)
class Loose:
    """What the arguments of a function become, given the fields."""

    fields: Fields

    def is_boxes(self, tree: Tree) -> bool:
        return tree[0] == "field" and self.fields.types.get(tree[1]) == "codes"

    def typed(self, tree: Tree, wanted: str) -> Node:
        return convert(self.open(tree), wanted)

    def open(self, tree: Tree) -> Typed:
        return Lowering(self.fields).node(tree)


def selected(loose: Loose, field: Tree, code: Tree) -> Tree:
    if loose.is_boxes(field):
        if code[0] not in ("text", "number"):
            raise LogicError("wrong_argument", unsupported=True, name="selected")
        return ("field", field[1], code[1].strip())
    return ("binary", "=", field, code)


def count_selected(loose: Loose, field: Tree) -> Tree:
    if loose.is_boxes(field):
        return ("typed", ["count", field[1]], "number")
    node, _ = loose.open(field)
    return ("typed", ["if", ["same", node, ["null"]], ["number", "0"], ["number", "1"]], "number")


def regex(loose: Loose, text: Tree, pattern: Tree) -> Tree:
    if pattern[0] != "text" or patterns.wrong(pattern[1]) is not None:
        raise LogicError("pattern_not_supported", unsupported=True)
    return ("typed", ["matches", loose.typed(text, "text"), ["text", pattern[1]]], "boolean")


ESCAPED = re.compile(r"[\\^$.|?*+(){}\[\]]")


def part_of_text(before: str, after: str) -> Callable[[Loose, Tree, Tree], Tree]:
    """XPath tells small letters from capitals here, as patterns do."""

    def make(loose: Loose, text: Tree, part: Tree) -> Tree:
        if part[0] != "text":
            raise LogicError("wrong_argument", unsupported=True, name="contains")
        pattern = before + ESCAPED.sub(r"\\\g<0>", part[1]) + after
        return regex(loose, text, ("text", pattern))

    return make


def truncated(loose: Loose, number: Tree) -> Tree:
    """``int()`` leaves out the decimals."""
    node, zero = loose.typed(number, "number"), ["number", "0"]
    return ("typed", ["if", ["<", node, zero], ["ceil", node, zero], ["floor", node, zero]], "number")


def substring(loose: Loose, text: Tree, start: Tree, end: Tree | None = None) -> Tree:
    """``substr(text, start, end)`` counts from 0 and leaves out the end."""
    begin = loose.typed(start, "number")
    first: Node = ["+", begin, ["number", "1"]]
    many: Node = ["number", "20000"] if end is None else ["-", loose.typed(end, "number"), begin]
    return ("typed", ["mid", loose.typed(text, "text"), first, many], "text")


def formatted(loose: Loose, moment: Tree, form: Tree) -> Tree:
    """``format-date`` where it gives the year, the month, the day, or all in one number."""
    node, kind = loose.open(moment)
    node = node if kind in ("datetime", "partial") else convert((node, kind), "date")
    year, month, day = (["*", [name, node], ["number", by]] for name, by in PLACES)
    forms: dict[str, Node] = {"%Y": ["year", node], "%n": ["month", node], "%e": ["day", node]}
    forms["%Y%m%d"] = ["+", year, month, day]
    if form[0] != "text" or form[1] not in forms:
        raise LogicError("wrong_argument", unsupported=True, name="format-date")
    return ("typed", ["text", forms[form[1]]], "text")


PLACES = (("year", "10000"), ("month", "100"), ("day", "1"))


def days(loose: Loose, moment: Tree) -> Tree:
    """``decimal-date-time``: days since 1970, and parts of days."""
    node, kind = loose.open(moment)
    kind = "datetime" if kind == "datetime" else "date"
    origin = [kind, "1970-01-01" if kind == "date" else "1970-01-01T00:00"]
    difference = ["datediff", origin, convert((node, kind), kind), ["text", "d"], ["boolean", True]]
    return ("typed", difference, "number")


def to(kind: str) -> Callable[[Loose, Tree], Tree]:
    return lambda loose, part: ("typed", loose.typed(part, kind), kind)


def constant(node: list[Any], kind: str) -> Callable[[Loose], Tree]:
    return lambda loose: ("typed", node, kind)


def same_as(name: str) -> Callable[..., Tree]:
    return lambda loose, *given: ("call", name, [*given])


def operator(head: str) -> Callable[..., Tree]:
    return lambda loose, *given: ("typed", [head, *(loose.typed(part, "number") for part in given)], "number")


MANY = 1000
CALLS: dict[str, tuple[int, int, Callable[..., Tree]]] = {
    "selected": (2, 2, selected),
    "count-selected": (1, 1, count_selected),
    "not": (1, 1, lambda loose, part: ("unary", "not", part)),
    "true": (0, 0, constant(["boolean", True], "boolean")),
    "false": (0, 0, constant(["boolean", False], "boolean")),
    "if": (3, 3, same_as("if")),
    "coalesce": (2, MANY, same_as("coalesce")),
    "today": (0, 0, constant(["today"], "date")),
    "now": (0, 0, constant(["now"], "datetime")),
    "regex": (2, 2, regex),
    "contains": (2, 2, part_of_text(r"[\s\S]*", r"[\s\S]*")),
    "starts-with": (2, 2, part_of_text("", r"[\s\S]*")),
    "ends-with": (2, 2, part_of_text(r"[\s\S]*", "")),
    "round": (1, 2, same_as("round")),
    "int": (1, 1, truncated),
    "number": (1, 1, to("number")),
    "string": (1, 1, to("text")),
    "boolean": (1, 1, to("boolean")),
    "concat": (1, MANY, same_as("concat")),
    "substr": (2, 3, substring),
    "string-length": (1, 1, same_as("length")),
    "sum": (1, MANY, same_as("sum")),
    "min": (1, MANY, same_as("min")),
    "max": (1, MANY, same_as("max")),
    "date": (1, 1, to("date")),
    "format-date": (2, 2, formatted),
    "decimal-date-time": (1, 1, days),
    "pow": (2, 2, operator("^")),
    "sqrt": (1, 1, operator("sqrt")),
    "abs": (1, 1, operator("abs")),
    "exp": (1, 1, operator("exp")),
    "log": (1, 1, operator("ln")),
    "log10": (1, 1, lambda loose, x: ("typed", ["log", loose.typed(x, "number"), ["number", "10"]], "number")),
}
