"""From REDCap's loose types to ours: codes compared as codes, texts that hold numbers read as numbers, blank as null.

REDCap's ``=`` and ``<>`` treat a blank as a value (``[x] <> '1'`` holds when x is blank): here `same` and `distinct`.
Comparisons by size with a blank are unknown, and an unknown condition doesn't hold, in REDCap as here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

from ecrf.engine import numbers
from ecrf.engine.expressions.operators import ELSEWHERE, MAX_DEPTH
from ecrf.engine.redcap.comparison import comparison
from ecrf.engine.redcap.conversion import NULL, Node, Typed, common, convert
from ecrf.engine.redcap.functions import FUNCTIONS
from ecrf.engine.redcap.logic import Tree
from ecrf.engine.redcap.logic_tokens import LogicError


@dataclass(frozen=True)
class Fields:
    """What the logic may refer to: the type of each field in expressions, and the choices of those that have some."""

    types: Mapping[str, str]
    codes: Mapping[str, frozenset[str]]
    statuses: frozenset[str] = frozenset()
    """REDCap's own ``<form>_complete`` fields, which are no questions."""
    events: frozenset[str] = frozenset()
    """The keys of the events, which are REDCap's unique names of them."""
    order: tuple[str, ...] = ()
    """The events in order, where there is one arm: the first and the last are then known by name."""
    repeats: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Key of a repeat, or of a repeating page -> types of its items."""


@dataclass(frozen=True)
class Remark:
    """Something converted that is probably not meant."""

    code: str
    params: Mapping[str, Any]


def lower(tree: Tree, fields: Fields, wanted: str) -> tuple[Node, list[Remark]]:
    """The expression of the wanted type, and remarks. Raises LogicError."""
    lowering = Lowering(fields)
    return convert(lowering.node(tree), wanted), lowering.remarks


class Lowering:
    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.remarks: list[Remark] = []
        self.depth = 0

    def node(self, tree: Tree) -> Typed:
        """A part, never deeper than an expression may be: the parser piles up ``a / b / c`` without an end."""
        if self.depth == MAX_DEPTH:
            raise LogicError("expression_too_deep")
        self.depth += 1
        typed = self.typed(tree)
        self.depth -= 1
        return typed

    def typed(self, tree: Tree) -> Typed:
        head = tree[0]
        if head == "number":
            number = numbers.parse(tree[1])
            if number is None:
                raise LogicError("not_a_number", near=tree[1][:30])
            return ["number", numbers.write(number)], "number"
        if head == "text":
            return (["text", tree[1]], "literal") if tree[1].strip() else NULL
        if head == "boolean":
            return ["boolean", tree[1]], "boolean"
        if head == "field":
            return self.field(*tree[1:])
        if head == "rows":
            raise LogicError("repeat_not_gathered", unsupported=True, name=tree[1])
        if head == "typed":
            return list(tree[1]), tree[2]
        if head == "unary":
            return self.unary(tree[1], self.node(tree[2]))
        if head == "call":
            return self.call(tree[1], tree[2])
        return self.binary(tree)

    def unary(self, sign: str, inside: Typed) -> Typed:
        if sign == "not":
            return ["not", convert(inside, "boolean")], "boolean"
        node = convert(inside, "number")
        if node[0] == "number" and isinstance(node[1], str):
            return ["number", node[1][1:] if node[1].startswith("-") else f"-{node[1]}"], "number"
        return ["neg", node], "number"

    def field(self, name: str, code: str | None, event: str | None = None) -> Typed:
        kind = self.fields.types.get(name)
        if kind is None and name in self.fields.statuses:
            raise LogicError("form_status", unsupported=True, name=name)
        if kind is None:
            raise LogicError("unknown_variable", name=name)
        where: Node = ["var", name] if event is None else self.elsewhere(name, event)
        if kind == "codes":
            if code is None:
                raise LogicError("checkbox_without_choice", name=name)
            if code not in self.fields.codes[name]:
                self.remarks.append(Remark("unknown_choice", {"name": name, "choice": code}))
                return ["boolean", False], "boolean"
            return ["ticked", name if event is None else where, code], "boolean"
        if code is not None:
            raise LogicError("choice_of_no_checkbox", name=name)
        return where, kind

    def elsewhere(self, name: str, event: str) -> Node:
        """A field at another event, named or by its place among the events."""
        if event == "previous-event-name" and self.fields.events:
            return ["previous", name]
        if event in ("first-event-name", "last-event-name") and self.fields.events:
            if self.fields.order:
                return ["of", self.fields.order[0 if event == "first-event-name" else -1], name]
            self.remarks.append(Remark("event_before_this", {"name": event}))
            return ["first" if event == "first-event-name" else "last", name]
        if event not in self.fields.events:
            raise LogicError("other_event", unsupported=True, name=f"{event}][{name}")
        return ["of", event, name]

    def binary(self, tree: Tree) -> Typed:
        """A chain of one associative operator becomes one node, so that long sums stay shallow."""
        sign = tree[1]
        if sign in ("and", "or", "*"):
            kind = "number" if sign == "*" else "boolean"
            return [sign, *(convert(self.node(part), kind) for part in chain(tree, sign))], kind
        if (
            sign in ("+", "-")
            and isinstance(tree[2], tuple)
            and tree[2][:1] == ("binary",)
            and tree[2][1] in ("+", "-")
        ):
            parts = [(plus, convert(self.node(part), "number")) for plus, part in terms(tree)]
            return ["+", *(node if plus else ["neg", node] for plus, node in parts)], "number"
        left, right = self.node(tree[2]), self.node(tree[3])
        if sign in ("+", "-", "/", "%", "^"):
            return [sign, convert(left, "number"), convert(right, "number")], "number"
        self.compare_codes(left, right)
        self.compare_codes(right, left)
        return comparison(sign, left, right), "boolean"

    def compare_codes(self, field: Typed, other: Typed) -> None:
        """Remark a field compared with a choice that it doesn't have."""
        name = field[0][-1] if field[0][0] in ("var", *ELSEWHERE) else None
        known = self.fields.codes.get(name) if name else None
        code = other[0][1] if other[0][0] in ("text", "number") else None
        if known is not None and isinstance(code, str) and code not in known:
            self.remarks.append(Remark("unknown_choice", {"name": name, "choice": code}))

    def call(self, name: str, arguments: list[Tree]) -> Typed:
        given = [self.node(argument) for argument in arguments]
        if name in ("sum", "mean", "median", "stdev") and given:
            name = "deviation" if name == "stdev" else name
            return [name, *(convert(part, "number") for part in given)], "number"
        if name in ("min", "max") and given:
            kinds = {kind for _, kind in given} - {"null", "literal"}
            kind = kinds.pop() if kinds in ({"date"}, {"datetime"}) else "number"
            return [name, *(convert(part, kind) for part in given)], kind
        if name == "coalesce" and given:
            kind = common(given)
            return [name, *(convert(part, kind) for part in given)], kind
        if name == "concat" and given:
            return [name, *(convert(part, "text") for part in given)], "text"
        function = FUNCTIONS.get(name)
        if function is None:
            raise LogicError("unknown_function", unsupported=True, name=name)
        try:
            signature(function).bind(*given)
        except TypeError as error:
            raise LogicError("wrong_number_of_arguments", name=name, given=len(given)) from error
        return function(*given)


def chain(tree: Tree, sign: str) -> list[Tree]:
    """The parts of a left-leaning chain, without recursion."""
    parts: list[Tree] = []
    while tree[0] == "binary" and tree[1] == sign:
        parts.append(tree[3])
        tree = tree[2]
    return [tree, *reversed(parts)]


def terms(tree: Tree) -> list[tuple[bool, Tree]]:
    parts: list[tuple[bool, Tree]] = []
    while tree[0] == "binary" and tree[1] in ("+", "-"):
        parts.append((tree[1] == "+", tree[3]))
        tree = tree[2]
    return [(True, tree), *reversed(parts)]
