"""The functions of XLSForms' XPath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecrf.engine.expressions.xpath_arguments import Loose
from ecrf.engine.expressions.xpath_choices import count_selected, selected
from ecrf.engine.expressions.xpath_dates import days, formatted
from ecrf.engine.expressions.xpath_texts import part_of_text, regex, substring
from ecrf.engine.redcap.logic import Tree


def truncated(loose: Loose, number: Tree) -> Tree:
    """``int()`` leaves out the decimals."""
    node, zero = loose.typed(number, "number"), ["number", "0"]
    return ("typed", ["if", ["<", node, zero], ["ceil", node, zero], ["floor", node, zero]], "number")


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
