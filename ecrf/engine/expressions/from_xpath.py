"""Read the XPath of XLSForms (``${age} > 18 and selected(${race}, '2')``) into a typed expression.

XPath is as loose about types as REDCap's logic, and treats a blank as it does: the same lowering gives the types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from ecrf.engine.expressions.operators import MAX_NODES
from ecrf.engine.expressions.xpath_arguments import Loose
from ecrf.engine.expressions.xpath_calls import CALLS
from ecrf.engine.expressions.xpath_tokens import tokens
from ecrf.engine.redcap.conversion import Node, convert
from ecrf.engine.redcap.logic import Tree
from ecrf.engine.redcap.logic_tokens import LogicError
from ecrf.engine.redcap.lowering import Fields, Lowering, Remark

MAX_LENGTH = 100_000
MAX_NESTING = 80

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
        return make(Loose(self.fields), *given)

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
