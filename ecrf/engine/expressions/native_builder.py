"""The tree of an expression, made as its text is read."""

from __future__ import annotations

from typing import Any

from lark import Token, Transformer

from ecrf.engine.expressions.native_arguments import Parentheses, boxes, exactly, named
from ecrf.engine.expressions.native_errors import wrong
from ecrf.engine.expressions.operators import (
    AGGREGATES,
    ELSEWHERE,
    LITERALS,
    OPERATORS,
)

COMPARED = {"==": "=", "!=": "<>", "≤": "<=", "≥": ">=", "≠": "<>"}
BINARY = {"+", "-", "*", "/", "%", "^", "=", "<>", "<", "<=", ">", ">=", "and", "or", "neg"}
FUNCTIONS = OPERATORS.keys() - BINARY | LITERALS | ELSEWHERE | {"has", "count", "rows", "status", "choice"}
WRITTEN = LITERALS - {"number", "text", "boolean"}
"""Literals written as ``date('2026-11-23')``."""
DEFAULTS: dict[tuple[str, int], list[Any]] = {
    ("round", 1): ["number", "0"],
    ("floor", 1): ["number", "0"],
    ("ceil", 1): ["number", "0"],
    ("datediff", 3): ["boolean", False],
}
"""The last argument where it is left out, by the function and the number of those given."""


class Builder(Transformer[Token, Any]):
    """Makes nodes as the parser goes, so that depth costs no stack."""

    def either(self, parts: list[Any]) -> list[Any]:
        return ["or", *parts[::2]]

    def both(self, parts: list[Any]) -> list[Any]:
        return ["and", *parts[::2]]

    def negated(self, parts: list[Any]) -> list[Any]:
        return ["not", parts[1]]

    def compared(self, parts: list[Any]) -> list[Any]:
        sign = str(parts[1])
        return [COMPARED.get(sign, sign), parts[0], parts[2]]

    def is_null(self, parts: list[Any]) -> list[Any]:
        return ["same", parts[0], ["null"]]

    def is_not_null(self, parts: list[Any]) -> list[Any]:
        return ["distinct", parts[0], ["null"]]

    def listed(self, parts: list[Any]) -> list[Any]:
        return parts

    def is_in(self, parts: list[Any]) -> list[Any]:
        choices = [["=", parts[0], part] for part in parts[2]]
        return ["or", *choices] if len(choices) > 1 else choices[0]

    def is_not_in(self, parts: list[Any]) -> list[Any]:
        return ["not", self.is_in(parts)]

    def total(self, parts: list[Any]) -> list[Any]:
        return chained(parts, "+")

    def product(self, parts: list[Any]) -> list[Any]:
        return chained(parts, "*")

    def minus(self, parts: list[Any]) -> list[Any]:
        part = parts[1]
        bare = not isinstance(part, Parentheses) and part[0] == "number" and isinstance(part[1], str)
        return ["number", f"-{part[1]}"] if bare and not part[1].startswith("-") else ["neg", part]

    def raised(self, parts: list[Any]) -> list[Any]:
        return ["^", *parts]

    def number(self, parts: list[Any]) -> list[Any]:
        return ["number", str(parts[0])]

    def text(self, parts: list[Any]) -> list[Any]:
        mark = parts[0][0]
        return ["text", str(parts[0][1:-1]).replace(mark * 2, mark)]

    def true(self, parts: list[Any]) -> list[Any]:
        return ["boolean", True]

    def false(self, parts: list[Any]) -> list[Any]:
        return ["boolean", False]

    def null(self, parts: list[Any]) -> list[Any]:
        return ["null"]

    def key(self, parts: list[Any]) -> str:
        return str(parts[0]).strip("[]")

    def variable(self, parts: list[Any]) -> list[Any]:
        return ["var", parts[0]]

    def at_event(self, parts: list[Any]) -> list[Any]:
        return ["of", parts[1], parts[0]]

    def parentheses(self, parts: list[Any]) -> list[Any]:
        return Parentheses(parts[0])

    def connective(self, parts: list[Any]) -> list[Any]:
        return ["and" if parts[0].type == "AND" else "or", *parts[1:]]

    def gathered(self, parts: list[Any]) -> list[Any]:
        name, node, _, repeat = parts
        if name.lower() not in AGGREGATES:
            raise wrong("unknown_aggregate", name)
        return ["over", name.lower(), repeat, node]

    def call(self, parts: list[Any]) -> list[Any]:
        token, *given = [part for part in parts if part is not None]
        name = token.lower()
        if name not in FUNCTIONS:
            raise wrong("unknown_function", token)
        if name in ("previous", "first", "last", "rows", "status", "choice"):
            return [name, *(named(token, part) for part in exactly(1, token, given))]
        if name == "has":
            where, code = exactly(2, token, given)
            if code[0] not in ("text", "number") or not isinstance(code[1], str):
                raise wrong("choice_written_out", token)
            return ["ticked", boxes(token, where), code[1]]
        if name == "count":
            return ["count", boxes(token, *exactly(1, token, given))]
        if name in WRITTEN:
            (text,) = exactly(1, token, given)
            if text[0] != "text" or not isinstance(text[1], str):
                raise wrong("literal_written_out", token)
            return [name, text[1]]
        if (name, len(given)) in DEFAULTS:
            given.append(DEFAULTS[name, len(given)])
        if name in LITERALS:  # a conversion
            exactly(1, token, given)
        return [name, *given]


def chained(parts: list[Any], merging: str) -> list[Any]:
    """``a + b - c``, from the left; neighbours of one associative sign are one node."""
    result = parts[0]
    last = ""
    for sign, part in zip(parts[1::2], parts[2::2], strict=True):
        if sign == merging == last:
            result.append(part)
        else:
            result = [str(sign), result, part]
        last = sign
    return list(result)
