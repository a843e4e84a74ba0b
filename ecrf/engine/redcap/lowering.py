"""From REDCap's loose types to ours: codes compared as codes, texts that hold numbers read as numbers, blank as null.

REDCap's ``=`` and ``<>`` treat a blank as a value (``[x] <> '1'`` holds when x is blank): here `same` and `distinct`.
Comparisons by size with a blank are unknown, and an unknown condition doesn't hold, in REDCap as here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

from ecrf.engine import moments, numbers
from ecrf.engine.expressions.operators import MAX_DEPTH, UNIT_SECONDS
from ecrf.engine.redcap.logic import LogicError, Tree

Node = list[Any]
Typed = tuple[Node, str]
"""A node and its type; ``literal`` for a quoted text, which becomes what its neighbour is."""

NULL: Typed = (["null"], "null")


@dataclass(frozen=True)
class Fields:
    """What the logic may refer to: the type of each field in expressions, and the choices of those that have some."""

    types: Mapping[str, str]
    codes: Mapping[str, frozenset[str]]
    statuses: frozenset[str] = frozenset()
    """REDCap's own ``<form>_complete`` fields, which are no questions."""


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
            return self.field(tree[1], tree[2])
        if head == "unary":
            return self.unary(tree[1], self.node(tree[2]))
        if head == "call":
            return self.call(tree[1], tree[2])
        return self.binary(tree)

    def unary(self, sign: str, inside: Typed) -> Typed:
        if sign == "not":
            return ["not", convert(inside, "boolean")], "boolean"
        node = convert(inside, "number")
        return (
            ["number", f"-{node[1]}"] if node[0] == "number" and isinstance(node[1], str) else ["neg", node]
        ), "number"

    def field(self, name: str, code: str | None) -> Typed:
        kind = self.fields.types.get(name)
        if kind is None and name in self.fields.statuses:
            raise LogicError("form_status", unsupported=True, name=name)
        if kind is None:
            raise LogicError("unknown_variable", name=name)
        if kind == "codes":
            if code is None:
                raise LogicError("checkbox_without_choice", name=name)
            if code not in self.fields.codes[name]:
                self.remarks.append(Remark("unknown_choice", {"name": name, "choice": code}))
                return ["boolean", False], "boolean"
            return ["ticked", name, code], "boolean"
        if code is not None:
            raise LogicError("choice_of_no_checkbox", name=name)
        return ["var", name], kind

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
        known = self.fields.codes.get(field[0][1]) if field[0][0] == "var" else None
        code = other[0][1] if other[0][0] in ("text", "number") else None
        if known is not None and isinstance(code, str) and code not in known:
            self.remarks.append(Remark("unknown_choice", {"name": field[0][1], "choice": code}))

    def call(self, name: str, arguments: list[Tree]) -> Typed:
        given = [self.node(argument) for argument in arguments]
        if name in ("sum", "mean", "median", "stdev") and given:
            name = "deviation" if name == "stdev" else name
            return [name, *(convert(part, "number") for part in given)], "number"
        if name in ("min", "max") and given:
            kinds = {kind for _, kind in given} - {"null"}
            kind = kinds.pop() if kinds in ({"date"}, {"datetime"}) else "number"
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


def convert(typed: Typed, wanted: str) -> Node:
    """The node as the wanted type, through what REDCap would have made of it."""
    node, kind = typed
    if kind in (wanted, "null"):
        return node
    if kind == "literal":
        return literal(node[1], wanted)
    if wanted == "number" and kind == "text":
        return ["number", node]
    if wanted == "number" and kind == "boolean":
        return ["if", node, ["number", "1"], ["number", "0"]]
    if wanted == "text":
        return ["text", node[1] if kind == "number" and node[0] == "number" and isinstance(node[1], str) else node]
    if wanted == "boolean" and kind in ("number", "text"):  # a bare value as a condition: neither blank nor zero
        return ["<>", convert(typed, "number"), ["number", "0"]]
    if (wanted, kind) == ("date", "datetime"):
        return ["date_of", node]
    raise LogicError("type_clash", given=kind, wanted=wanted)


def literal(text: str, wanted: str) -> Node:
    if wanted == "number" and (number := numbers.parse(text.strip())) is not None:
        return ["number", numbers.write(number)]
    if wanted == "text":
        return ["text", text]
    if wanted == "boolean" and text.strip() in ("0", "1"):
        return ["boolean", text.strip() == "1"]
    if wanted in ("date", "datetime") and text.strip().lower() in ("today", "now"):
        return ["today"] if wanted == "date" else ["now"]
    if wanted == "date" and moments.parse_date(text):
        return ["date", text]
    if wanted == "datetime" and (moment := moments.parse_datetime(text) or moments.parse_datetime(f"{text} 00:00")):
        return ["datetime", moments.write(moment)]
    if wanted == "time" and moments.parse_time(text):
        return ["time", text]
    raise LogicError("text_is_no_" + wanted, near=text[:30])


def comparison(sign: str, left: Typed, right: Typed) -> Node:
    kinds = {left[1], right[1]} - {"null"}
    head = {"=": "same", "<>": "distinct"}.get(sign, sign)
    if not kinds:
        return [head, left[0], right[0]]
    if head not in ("same", "distinct"):
        return [head, *(convert(side, ordered(kinds)) for side in (left, right))]
    if (truth := ticked(left, right)) is not None:
        node, expected = truth
        return node if expected == (head == "same") else ["not", node]
    kind = "text" if kinds == {"literal"} else meeting(kinds)
    if kind == "text" and any(side[1] == "number" and side[0][0] != "number" for side in (left, right)):
        kind = "number"  # a calculation against a code
    return [head, convert(left, kind), convert(right, kind)]


def ordered(kinds: set[str]) -> str:
    """The type in which two sides are compared by size."""
    if {"date", "datetime"} <= kinds:
        return "date"
    return next((kind for kind in ("datetime", "date", "time") if kind in kinds), "number")


def ticked(left: Typed, right: Typed) -> tuple[Node, bool] | None:
    """``[race(2)] = '1'``: the tick itself, and whether it is to be on."""
    for one, other in ((left, right), (right, left)):
        if one[1] == "boolean" and other[0][0] in ("text", "number") and other[0][1] in ("0", "1"):
            return one[0], other[0][1] == "1"
    return None


def meeting(kinds: set[str]) -> str:
    """The type in which two sides of an equality are compared."""
    kinds = kinds - {"literal"}
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds == {"date", "datetime"}:
        return "date"
    if "boolean" in kinds:
        return "boolean" if kinds == {"boolean", "text"} else "number"
    if kinds == {"text", "number"}:
        return "text"
    raise LogicError("type_clash", given=", ".join(sorted(kinds)), wanted="same")


def digits(name: str) -> Callable[..., Typed]:
    return lambda number, places=(["number", "0"], "number"): (
        [name, convert(number, "number"), convert(places, "number")],
        "number",
    )


def one(name: str, takes: str, gives: str) -> Callable[[Typed], Typed]:
    return lambda part: ([name, convert(part, takes)], gives)


def two(name: str, takes: tuple[str, str], gives: str) -> Callable[[Typed, Typed], Typed]:
    return lambda a, b: ([name, convert(a, takes[0]), convert(b, takes[1])], gives)


def condition(test: Typed, then: Typed, otherwise: Typed) -> Typed:
    kinds = {then[1], otherwise[1]} - {"null"}
    if kinds <= {"literal"}:
        texts = [part[0][1] for part in (then, otherwise) if part[1] == "literal"]
        kind = "number" if texts and all(numbers.parse(text) is not None for text in texts) else "text"
    else:
        kinds -= {"literal"}
        kind = next(iter(kinds)) if len(kinds) == 1 else "number" if kinds <= {"number", "boolean", "text"} else "text"
    if kind == "number" and any(
        part[1] == "literal" and numbers.parse(part[0][1].strip()) is None for part in (then, otherwise)
    ):
        kind = "text"
    return ["if", convert(test, "boolean"), convert(then, kind), convert(otherwise, kind)], kind


def datediff(first: Typed, second: Typed, unit: Typed, *rest: Typed) -> Typed:
    """datediff(a, b, "y", ["dmy",] [signed]); the old argument of a date format says nothing here."""
    if unit[1] != "literal" or unit[0][1] not in UNIT_SECONDS:
        raise LogicError("unknown_unit")
    signed = False
    for part in rest:
        if part[1] == "boolean":
            signed = bool(part[0][1])
        elif part[1] == "literal" and part[0][1].lower() in ("true", "false"):
            signed = part[0][1].lower() == "true"
        elif part[1] != "literal" or part[0][1].lower() not in ("ymd", "mdy", "dmy"):
            raise LogicError("wrong_argument", name="datediff")
    kinds = {first[1], second[1]}
    if kinds == {"text"} or "number" in kinds or "boolean" in kinds:
        raise LogicError("type_clash", given=", ".join(sorted(kinds)), wanted="date")
    known = next((kind for kind in ("time", "date", "datetime") if kind in kinds), "date")
    sides = [convert(part, part[1] if part[1] in ("date", "datetime", "time") else known) for part in (first, second)]
    return ["datediff", *sides, unit[0], ["boolean", signed]], "number"


def logarithm(number: Typed, base: Typed | None = None) -> Typed:
    if base is None:
        return ["ln", convert(number, "number")], "number"
    return ["log", convert(number, "number"), convert(base, "number")], "number"


def is_number(part: Typed) -> Typed:
    return ["distinct", convert(part, "number"), ["null"]], "boolean"


def is_blank(part: Typed) -> Typed:
    return ["same", part[0], ["null"]], "boolean"


def left_or_right(name: str) -> Callable[[Typed, Typed], Typed]:
    return two(name, ("text", "number"), "text")


def negated(function: Callable[[Typed, Typed], Typed]) -> Callable[[Typed, Typed], Typed]:
    return lambda a, b: (["not", function(a, b)[0]], "boolean")


def mid(text: Typed, first: Typed, many: Typed) -> Typed:
    return ["mid", convert(text, "text"), convert(first, "number"), convert(many, "number")], "text"


def part_of_date(name: str) -> Callable[[Typed], Typed]:
    return lambda moment: ([name, convert(moment, moment[1] if moment[1] == "datetime" else "date")], "number")


contains = two("contains", ("text", "text"), "boolean")

FUNCTIONS: dict[str, Callable[..., Typed]] = {
    "if": condition,
    "datediff": datediff,
    "round": digits("round"),
    "roundup": digits("ceil"),
    "rounddown": digits("floor"),
    "sqrt": one("sqrt", "number", "number"),
    "abs": one("abs", "number", "number"),
    "exponential": one("exp", "number", "number"),
    "log": logarithm,
    "mod": two("%", ("number", "number"), "number"),
    "isnumber": is_number,
    "isblankormissingcode": is_blank,
    "year": part_of_date("year"),
    "month": part_of_date("month"),
    "day": part_of_date("day"),
    "upper": one("upper", "text", "text"),
    "lower": one("lower", "text", "text"),
    "trim": one("trim", "text", "text"),
    "length": one("length", "text", "number"),
    "left": left_or_right("left"),
    "right": left_or_right("right"),
    "mid": mid,
    "contains": contains,
    "not_contain": negated(contains),
    "starts_with": two("starts", ("text", "text"), "boolean"),
    "ends_with": two("ends", ("text", "text"), "boolean"),
}
