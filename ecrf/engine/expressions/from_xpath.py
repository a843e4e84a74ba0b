"""Read the XPath of XLSForms (``${age} > 18 and selected(${race}, '2')``) into a typed expression.

XPath is as loose about types as REDCap's logic, and treats a blank as it does: the same lowering gives the types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ecrf.engine import patterns
from ecrf.engine.expressions.operators import MAX_NODES
from ecrf.engine.redcap.conversion import Node, Typed, convert
from ecrf.engine.redcap.logic import LogicError, Tree
from ecrf.engine.redcap.lowering import Fields, Lowering, Remark

MAX_LENGTH = 100_000
MAX_NESTING = 80

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<field>\$\{[^${}]*\})
    | (?P<path>\.\.|/)
    | (?P<word>[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?)
    | (?P<sign>!=|<=|>=|[=<>+\-*(),.|\[\]])
    )""",
    re.VERBOSE,
)
LEVELS = {"or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
LEVELS |= {"+": 5, "-": 5, "*": 6, "div": 6, "mod": 6}
SPELT = {"!=": "<>", "div": "/", "mod": "%"}


def read(
    text: str,
    fields: Fields,
    wanted: str,
    *,
    this: str = "",
    keys: Mapping[str, str] | None = None,
    attributes: frozenset[str] = frozenset(),
) -> tuple[Node, list[Remark]]:
    """The expression of the wanted type, and remarks. Raises LogicError, `unsupported` where this can't be said here.

    ``.`` is the field `this`. `keys` gives the key of each field that isn't its name. In the filter of choices, their
    `attributes` are named without ``${}``, and ``name`` is their code.
    """
    if len(text) > MAX_LENGTH:
        raise LogicError("expression_too_deep")
    parser = Parser(tokens(text), fields, this, keys or {}, attributes)
    tree = parser.expression(0, 0)
    if parser.peek()[0] != "end":
        raise LogicError("unexpected", near=parser.peek()[1][:30])
    lowering = Lowering(fields)
    node = convert(lowering.node(tree), wanted)
    if sum(1 for _ in islice(parts(node), MAX_NODES + 1)) > MAX_NODES:  # some functions say their argument twice
        raise LogicError("expression_too_deep")
    return node, lowering.remarks


def parts(node: Node) -> Iterator[Node]:
    yield node
    for argument in node[1:]:
        if isinstance(argument, list):
            yield from parts(argument)


def tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place, text = 0, text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise LogicError("unreadable_logic", near=text[place:].lstrip()[:30])
        kind = match.lastgroup or ""
        if kind == "path" or match[kind] in ("[", "]", "|"):
            raise LogicError("path_not_supported", unsupported=True, near=text[match.start(kind) :][:30])
        found.append((kind, match[kind]))
        place = match.end()
    return found


@dataclass
class Parser:
    tokens: list[tuple[str, str]]
    fields: Fields
    this: str
    keys: Mapping[str, str]
    attributes: frozenset[str]
    place: int = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.place += 1
        return token

    def operator(self) -> str | None:
        kind, text = self.peek()
        return text if kind in ("sign", "word") and text in LEVELS else None

    def expression(self, above: int, depth: int) -> Tree:
        if depth > MAX_NESTING:
            raise LogicError("expression_too_deep")
        left = self.operand(depth)
        while (sign := self.operator()) and LEVELS[sign] > above:
            self.take()
            left = ("binary", SPELT.get(sign, sign), left, self.expression(LEVELS[sign], depth + 1))
        return left

    def operand(self, depth: int) -> Tree:
        kind, text = self.take()
        if kind == "number":
            return ("number", text)
        if kind == "text":
            return ("text", text[1:-1])
        if kind == "field":
            return self.field(text[2:-1].strip())
        if text == "." and self.this:
            return self.field(self.this)
        if text == "-":
            return ("unary", "neg", self.expression(6, depth + 1))
        if text == "(":
            inside = self.expression(0, depth + 1)
            self.expect(")")
            return inside
        if kind == "word" and self.peek() == ("sign", "("):
            self.take()
            return self.call(text, self.arguments(depth))
        if kind == "word" and text in self.attributes | {"name"} and self.attributes:
            return ("typed", ["choice", "code" if text == "name" else text], "text")
        raise LogicError("unexpected", near=text[:30] or "…")

    def expect(self, sign: str) -> None:
        kind, text = self.take()
        if (kind, text) != ("sign", sign):
            raise LogicError("expected", wanted=sign, near=text[:30] or "…")

    def arguments(self, depth: int) -> list[Tree]:
        found: list[Tree] = []
        if self.peek() == ("sign", ")"):
            self.take()
            return found
        while True:
            found.append(self.expression(0, depth + 1))
            if self.peek() != ("sign", ","):
                self.expect(")")
                return found
            self.take()

    def field(self, name: str) -> Tree:
        key = self.keys.get(name, name)
        if self.repeat_of(key):
            return ("rows", key)
        if name.startswith("last-saved#"):
            raise LogicError("unknown_function", unsupported=True, name="last-saved")
        if key not in self.fields.types:
            raise LogicError("unknown_variable", name=name[:80])
        return ("field", key, None)

    def repeat_of(self, key: str) -> str | None:
        """The repeat that the key is, or of which it is an item that isn't in reach here."""
        if key in self.fields.repeats:
            return key
        if key in self.fields.types:
            return None
        return next((repeat for repeat, types in self.fields.repeats.items() if key in types), None)

    def call(self, name: str, given: list[Tree]) -> Tree:
        if (gathered := self.gathered(name, given)) is not None:
            return gathered
        function = CALLS.get(name)
        if function is None:
            raise LogicError("unknown_function", unsupported=True, name=name[:40])
        least, most, make = function
        if not least <= len(given) <= most:
            raise LogicError("wrong_number_of_arguments", name=name, given=len(given))
        return make(self, *given)

    def gathered(self, name: str, given: list[Tree]) -> Tree | None:
        """``sum(${dose})`` over the rows of the repeat that has the item."""
        key = next((part[1] for part in given if part[0] == "rows"), "")
        if not key:
            return None
        repeat = self.repeat_of(key) or ""
        if len(given) > 1:
            name = ""
        if name == "count":
            return ("typed", ["rows", repeat], "number")
        kind = self.fields.repeats[repeat].get(key, "")
        if name == "sum" and kind in ("number", "text"):
            return ("typed", ["over", "sum", repeat, convert((["var", key], kind), "number")], "number")
        if name in ("min", "max") and kind in ("number", "date", "datetime", "time"):
            return ("typed", ["over", name, repeat, ["var", key]], kind)
        raise LogicError("repeat_not_gathered", unsupported=True, name=key)

    def is_boxes(self, tree: Tree) -> bool:
        return tree[0] == "field" and self.fields.types.get(tree[1]) == "codes"

    def typed(self, tree: Tree, wanted: str) -> Node:
        return convert(self.open(tree), wanted)

    def open(self, tree: Tree) -> Typed:
        return Lowering(self.fields).node(tree)


def selected(parser: Parser, field: Tree, code: Tree) -> Tree:
    if parser.is_boxes(field):
        if code[0] not in ("text", "number"):
            raise LogicError("wrong_argument", unsupported=True, name="selected")
        return ("field", field[1], code[1].strip())
    return ("binary", "=", field, code)


def count_selected(parser: Parser, field: Tree) -> Tree:
    if parser.is_boxes(field):
        return ("typed", ["count", field[1]], "number")
    node, _ = parser.open(field)
    return ("typed", ["if", ["same", node, ["null"]], ["number", "0"], ["number", "1"]], "number")


def regex(parser: Parser, text: Tree, pattern: Tree) -> Tree:
    if pattern[0] != "text" or patterns.wrong(pattern[1]) is not None:
        raise LogicError("pattern_not_supported", unsupported=True)
    return ("typed", ["matches", parser.typed(text, "text"), ["text", pattern[1]]], "boolean")


ESCAPED = re.compile(r"[\\^$.|?*+(){}\[\]]")


def part_of_text(before: str, after: str) -> Callable[[Parser, Tree, Tree], Tree]:
    """XPath tells small letters from capitals here, as patterns do."""

    def make(parser: Parser, text: Tree, part: Tree) -> Tree:
        if part[0] != "text":
            raise LogicError("wrong_argument", unsupported=True, name="contains")
        pattern = before + ESCAPED.sub(r"\\\g<0>", part[1]) + after
        return regex(parser, text, ("text", pattern))

    return make


def truncated(parser: Parser, number: Tree) -> Tree:
    """``int()`` leaves out the decimals."""
    node, zero = parser.typed(number, "number"), ["number", "0"]
    return ("typed", ["if", ["<", node, zero], ["ceil", node, zero], ["floor", node, zero]], "number")


def substring(parser: Parser, text: Tree, start: Tree, end: Tree | None = None) -> Tree:
    """``substr(text, start, end)`` counts from 0 and leaves out the end."""
    begin = parser.typed(start, "number")
    first: Node = ["+", begin, ["number", "1"]]
    many: Node = ["number", "20000"] if end is None else ["-", parser.typed(end, "number"), begin]
    return ("typed", ["mid", parser.typed(text, "text"), first, many], "text")


def formatted(parser: Parser, moment: Tree, form: Tree) -> Tree:
    """``format-date`` where it gives the year, the month, the day, or all in one number."""
    node, kind = parser.open(moment)
    node = node if kind in ("datetime", "partial") else convert((node, kind), "date")
    year, month, day = (["*", [name, node], ["number", by]] for name, by in PLACES)
    forms: dict[str, Node] = {"%Y": ["year", node], "%n": ["month", node], "%e": ["day", node]}
    forms["%Y%m%d"] = ["+", year, month, day]
    if form[0] != "text" or form[1] not in forms:
        raise LogicError("wrong_argument", unsupported=True, name="format-date")
    return ("typed", ["text", forms[form[1]]], "text")


PLACES = (("year", "10000"), ("month", "100"), ("day", "1"))


def days(parser: Parser, moment: Tree) -> Tree:
    """``decimal-date-time``: days since 1970, and parts of days."""
    node, kind = parser.open(moment)
    kind = "datetime" if kind == "datetime" else "date"
    origin = [kind, "1970-01-01" if kind == "date" else "1970-01-01T00:00"]
    difference = ["datediff", origin, convert((node, kind), kind), ["text", "d"], ["boolean", True]]
    return ("typed", difference, "number")


def to(kind: str) -> Callable[[Parser, Tree], Tree]:
    return lambda parser, part: ("typed", parser.typed(part, kind), kind)


def constant(node: list[Any], kind: str) -> Callable[[Parser], Tree]:
    return lambda parser: ("typed", node, kind)


def same_as(name: str) -> Callable[..., Tree]:
    return lambda parser, *given: ("call", name, [*given])


def operator(head: str) -> Callable[..., Tree]:
    return lambda parser, *given: ("typed", [head, *(parser.typed(part, "number") for part in given)], "number")


MANY = 1000
CALLS: dict[str, tuple[int, int, Callable[..., Tree]]] = {
    "selected": (2, 2, selected),
    "count-selected": (1, 1, count_selected),
    "not": (1, 1, lambda parser, part: ("unary", "not", part)),
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
    "log10": (1, 1, lambda parser, x: ("typed", ["log", parser.typed(x, "number"), ["number", "10"]], "number")),
}
