"""JavaScript's operators on what is known of their operands: constants are computed, the rest becomes a tree.

What is empty is undefined in a script: comparisons with it are false, sums with it are no number. The language says
null, which spreads; where a script would go on with false, the tree says so.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from ecrf.engine.exchange.goupile.values import (
    UNDEFINED,
    Arr,
    Ast,
    Const,
    Markup,
    Obj,
    Tree,
    Unsupported,
    js_text,
    number,
)

NULL: list[Any] = ["null"]
TRUE, FALSE = ["boolean", True], ["boolean", False]


def tree(value: Any, node: Ast | None) -> Tree:
    """A constant as a tree."""
    if isinstance(value, Tree):
        return value
    if isinstance(value, Markup):
        return Tree(["text", value.text], "text", nullable=False)
    if not isinstance(value, Const):
        raise Unsupported(node, "not_a_value")
    given = value.value
    if given is UNDEFINED or (isinstance(given, float) and math.isnan(given)):
        return Tree(NULL, "null")
    if isinstance(given, bool):
        return Tree(["boolean", given], "boolean", nullable=False)
    if isinstance(given, int | float):
        if math.isinf(given):
            raise Unsupported(node, "not_a_value")
        return Tree(["number", number(given)], "number", nullable=False)
    return Tree(["text", given], "text", nullable=False)


def falsy(value: Any) -> bool:
    return (
        value is UNDEFINED
        or value is False
        or value == ""
        or (isinstance(value, int | float) and (value == 0 or math.isnan(value)))
    )


def condition(value: Any, node: Ast | None) -> Tree:
    """Whether JavaScript takes it as true: a boolean whose null stands for false."""
    if isinstance(value, Const):
        return Tree(["boolean", not falsy(value.value)], "boolean", nullable=False)
    if isinstance(value, Arr | Obj | Markup):
        return Tree(TRUE, "boolean", nullable=False)
    if not isinstance(value, Tree):
        raise Unsupported(node, "not_a_value")
    if value.type == "boolean":
        return value
    if value.type == "null":
        return Tree(FALSE, "boolean", nullable=False)
    if value.type == "number":
        return Tree(["<>", value.node, ["number", "0"]], "boolean", unknown=value.nullable)
    if value.type == "codes":
        if not value.exclusive:
            return Tree(TRUE, "boolean", nullable=False)
        return Tree([">", ["count", value.node[1]], ["number", "0"]], "boolean")
    if value.codes:
        off = [code for code, one in value.codes if falsy(one)]
        if not off:
            return Tree(["distinct", value.node, NULL], "boolean")
        return both([Tree(["<>", value.node, ["text", code]], "boolean", unknown=True) for code in off])
    if value.type == "text" and not value.nullable:
        return Tree(["<>", value.node, ["text", ""]], "boolean")
    return Tree(["distinct", value.node, NULL], "boolean")


def strict(value: Tree) -> list[Any]:
    """A boolean that is never null."""
    return ["same", value.node, TRUE] if value.unknown else value.node


def negation(value: Tree) -> Tree:
    head = value.node[0]
    if head == "boolean":
        return Tree(["boolean", not value.node[1]], "boolean", nullable=False)
    if head == "not" and not value.unknown:
        return Tree(value.node[1], "boolean")
    swapped = {"same": "distinct", "distinct": "same"}
    if head in swapped and value.node[2] != TRUE:
        return Tree([swapped[head], *value.node[1:]], "boolean")
    if head == "=":
        return Tree(["distinct", *value.node[1:]], "boolean")
    return Tree(["not", strict(value)], "boolean")


def both(parts: list[Tree]) -> Tree:
    return joined("and", parts, neutral=True)


def either(parts: list[Tree]) -> Tree:
    return joined("or", parts, neutral=False)


def joined(head: str, parts: list[Tree], *, neutral: bool) -> Tree:
    flat: list[Tree] = []
    for part in parts:
        if part.node == ["boolean", neutral]:
            continue
        if part.node == ["boolean", not neutral]:
            return part
        inner = part.node[1:] if part.node[0] == head else [part.node]
        flat += [
            Tree(one, "boolean", unknown=part.unknown) for one in inner if one not in [known.node for known in flat]
        ]
    if not flat:
        return Tree(["boolean", neutral], "boolean", nullable=False)
    if len(flat) == 1:
        return flat[0]
    return Tree([head, *(part.node for part in flat)], "boolean", unknown=any(part.unknown for part in flat))


def choose(test: Tree, yes: Any, no: Any, node: Ast | None) -> Any:
    """One of two, by a condition."""
    if yes is no or (isinstance(yes, Const | Tree) and yes == no):
        return yes
    if test.node[0] == "boolean":
        return yes if test.node[1] else no
    first, second = tree(yes, node), tree(no, node)
    if {first.type, second.type} == {"text", "number"} and (first.codes or second.codes):
        first, second = as_number(first, node), as_number(second, node)
    types = {first.type, second.type} - {"null"}
    if len(types) > 1 or "codes" in types:
        raise Unsupported(node, "types_differ")
    if types == {"boolean"}:
        return either([both([test, first]), both([negation(test), second])])
    kind = types.pop() if types else "null"
    nullable = first.nullable or second.nullable
    return Tree(["if", test.node, first.node, second.node], kind, nullable)


def as_number(value: Any, node: Ast | None) -> Tree:
    if isinstance(value, Const):
        given = value.value
        if isinstance(given, bool):
            return Tree(["number", str(int(given))], "number", nullable=False)
        if isinstance(given, str):
            try:
                return Tree(["number", number(float(given or 0))], "number", nullable=False)
            except ValueError:
                return Tree(NULL, "null")
    made = tree(value, node)
    if made.type == "boolean":
        return Tree(["if", made.node, ["number", "1"], ["number", "0"]], "number", nullable=False)
    if made.type == "text":
        if made.codes and not all(isinstance(one, int | float) for _, one in made.codes):
            raise Unsupported(node, "not_a_number")
        if made.codes and any(str(code) != number(one) for code, one in made.codes):
            return mapped(made)
        return Tree(["number", made.node], "number", made.nullable)
    if made.type not in ("number", "null"):
        raise Unsupported(node, "not_a_number")
    return made


def mapped(value: Tree) -> Tree:
    """The numbers that codes stand for, where they aren't spelt the same."""
    made: list[Any] = NULL
    for code, one in reversed(value.codes):
        made = ["if", ["=", value.node, ["text", code]], ["number", number(one)], made]
    return Tree(made, "number")


def as_text(value: Any, node: Ast | None) -> Tree:
    if isinstance(value, Const):
        return Tree(["text", js_text(value.value)], "text", nullable=False)
    made = tree(value, node)
    if made.type == "text":
        if made.codes and any(js_text(one) != code for code, one in made.codes):
            raise Unsupported(node, "codes_differ")
        return made
    if made.type in ("number", "date", "datetime", "partial"):
        return Tree(["text", made.node], "text", made.nullable)
    raise Unsupported(node, "not_a_text")


def loosely(left: Any, right: Any) -> bool:
    """``==`` on two constants."""
    if left is UNDEFINED or right is UNDEFINED:
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    try:
        return float(left) == float(right)
    except ValueError:
        return False


def strictly(left: Any, right: Any) -> bool:
    numeric = [isinstance(one, int | float) and not isinstance(one, bool) for one in (left, right)]
    return (
        left is right if UNDEFINED in (left, right) else (all(numeric) or type(left) is type(right)) and left == right
    )


def equal(left: Any, right: Any, node: Ast, *, exact: bool) -> Tree:
    """``==`` or, where `exact`, ``===``."""
    if isinstance(left, Const) and not isinstance(right, Const):
        left, right = right, left
    if isinstance(left, Const) and isinstance(right, Const):
        return Tree(["boolean", (strictly if exact else loosely)(left.value, right.value)], "boolean", nullable=False)
    if isinstance(right, Const):
        return against(tree(left, node), right.value, node, exact=exact)
    one, other = tree(left, node), tree(right, node)
    if one.codes or other.codes:
        if [code for code, _ in one.codes] == [code for code, _ in other.codes]:
            return Tree(["same", one.node, other.node], "boolean")
        one, other = as_number(one, node), as_number(other, node)
    if one.type != other.type or one.type not in ("number", "text"):
        raise Unsupported(node, "compared")
    return Tree(["same", one.node, other.node], "boolean")


def against(value: Tree, wanted: Any, node: Ast, *, exact: bool) -> Tree:
    if wanted is UNDEFINED:
        if value.type == "codes" and not value.exclusive:
            return Tree(FALSE, "boolean", nullable=False)
        if value.type == "codes":
            return Tree(["=", ["count", value.node[1]], ["number", "0"]], "boolean")
        return Tree(["same", value.node, NULL], "boolean")
    if value.type == "codes" or value.type not in ("number", "text", "boolean", "null"):
        raise Unsupported(node, "compared")
    if value.type == "null":
        return Tree(FALSE, "boolean", nullable=False)
    same = strictly if exact else loosely
    if value.codes:
        hits = [
            Tree(["=", value.node, ["text", code]], "boolean", unknown=True)
            for code, one in value.codes
            if one is not UNDEFINED and same(one, wanted)
        ]
        return either(hits)
    if value.type == "boolean":
        if exact and not isinstance(wanted, bool):
            return Tree(FALSE, "boolean", nullable=False)
        return value if loosely(True, wanted) else negation(value) if loosely(False, wanted) else Tree(FALSE, "boolean")
    if value.type == "number":
        if exact and not isinstance(wanted, int | float):
            return Tree(FALSE, "boolean", nullable=False)
        return Tree(["=", value.node, as_number(Const(wanted), node).node], "boolean", unknown=value.nullable)
    if not isinstance(wanted, str):
        if exact:
            return Tree(FALSE, "boolean", nullable=False)
        return Tree(["=", as_number(value, node).node, as_number(Const(wanted), node).node], "boolean", unknown=True)
    return Tree(["=", value.node, ["text", wanted]], "boolean", unknown=value.nullable)


def compare(head: str, left: Any, right: Any, node: Ast) -> Tree:
    """``<`` and its kin; false where a side is empty."""
    kinds = {value.type for value in (left, right) if isinstance(value, Tree)}
    if kinds & {"date", "time", "partial", "datetime"}:
        if len(kinds - {"null"}) > 1 or not all(isinstance(value, Tree) for value in (left, right)):
            raise Unsupported(node, "compared")
        one, other = tree(left, node), tree(right, node)
    elif (
        kinds == {"text"}
        and not any(isinstance(value, Tree) and value.codes for value in (left, right))
        and not isinstance(left, Const)
        and not isinstance(right, Const)
    ):
        raise Unsupported(node, "compared")
    else:
        one, other = as_number(left, node), as_number(right, node)
    if "null" in (one.type, other.type):
        return Tree(FALSE, "boolean", nullable=False)
    if one.node[0] == "number" == other.node[0] and isinstance(one.node[1], str) and isinstance(other.node[1], str):
        a, b = float(one.node[1]), float(other.node[1])
        return Tree(["boolean", {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[head]], "boolean", nullable=False)
    return Tree([head, one.node, other.node], "boolean", unknown=one.nullable or other.nullable)


SIGNS = {"+": "+", "-": "-", "*": "*", "/": "/", "%": "%", "**": "^"}


def arithmetic(sign: str, left: Any, right: Any, node: Ast) -> Any:
    if isinstance(left, Const) and isinstance(right, Const):
        return Const(computed(sign, left.value, right.value, node))
    if sign == "-" and all(isinstance(value, Tree) and value.type == "date" for value in (left, right)):
        return days(left, right)
    if sign == "+" and any(is_text(value) for value in (left, right)):
        pieces = [as_text(value, node) for value in (left, right)]
        nodes = [part for piece in pieces for part in (piece.node[1:] if piece.node[0] == "concat" else [piece.node])]
        return Tree(["concat", *nodes], "text", nullable=False)
    one, other = as_number(left, node), as_number(right, node)
    if "null" in (one.type, other.type):
        return Tree(NULL, "null")
    head = SIGNS[sign]
    nodes = [*(one.node[1:] if head in "+*" and one.node[0] == head else [one.node]), other.node]
    return Tree([head, *nodes], "number", one.nullable or other.nullable or head in "/%^")


def is_text(value: Any) -> bool:
    if isinstance(value, Const):
        return isinstance(value.value, str)
    if isinstance(value, Markup):
        return True
    return (
        isinstance(value, Tree)
        and value.type == "text"
        and not (value.codes and all(isinstance(one, int | float) for _, one in value.codes))
    )


def days(left: Tree, right: Tree) -> Tree:
    """How many days the first is after the second."""
    return Tree(["datediff", right.node, left.node, ["text", "d"], TRUE], "number", left.nullable or right.nullable)


def computed(sign: str, left: Any, right: Any, node: Ast) -> Any:
    if sign == "+" and (isinstance(left, str) or isinstance(right, str)):
        return js_text(left) + js_text(right)
    if UNDEFINED in (left, right) or isinstance(left, str) or isinstance(right, str):
        return UNDEFINED if UNDEFINED in (left, right) else unsupported(node)
    try:
        made = CONSTANT[sign](float(left), float(right))
    except (ArithmeticError, KeyError, ValueError):
        return unsupported(node)
    if isinstance(made, complex):
        return UNDEFINED
    return int(made) if made.is_integer() and abs(made) < 2**53 else made


CONSTANT: dict[str, Callable[[float, float], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "**": operator.pow,
}


def unsupported(node: Ast) -> Any:
    raise Unsupported(node, "not_a_number")
