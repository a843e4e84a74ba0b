"""The text of expressions, as authors write it: ``weight / (height / 100) ^ 2``, ``sex = '2' and has(signs, '3')``.

A name is a field; ``name@event`` its value at another event; ``sum(dose in medications)`` goes over the rows of a
repeat. Texts are between ' or ", doubled inside; ``[name]`` stands for a name that is a word of the language.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from ecrf.engine.expressions.operators import (
    AGGREGATES,
    ELSEWHERE,
    LITERALS,
    MAX_DEPTH,
    MAX_NODES,
    OPERATORS,
    Node,
)

MAX_LENGTH = 20_000
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


class TextError(Exception):
    """What can't be read, at its line and column (the first is 1)."""

    def __init__(self, code: str, line: int, column: int, **params: Any) -> None:
        self.code, self.line, self.column, self.params = code, line, column, params
        super().__init__(f"{line}:{column}: {code}")


class Parentheses(list[Any]):
    """A node between parentheses, which its neighbours don't merge with."""


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


def wrong(code: str, token: Token, **params: Any) -> TextError:
    return TextError(code, token.line or 1, token.column or 1, name=str(token)[:40], **params)


def exactly(many: int, token: Token, given: list[Any]) -> list[Any]:
    if len(given) != many:
        raise wrong("wrong_number_of_arguments", token, wanted=many, given=len(given))
    return given


def named(token: Token, part: Any) -> str:
    if part[0] != "var" or isinstance(part, Parentheses):
        raise wrong("name_wanted", token)
    return str(part[1])


def boxes(token: Token, part: Any) -> Any:
    return part if part[0] in ELSEWHERE else named(token, part)


@cache
def parser() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=Builder(), propagate_positions=False)


def parse(text: str) -> list[Any]:
    """The tree of a text. Raises TextError with a code, a line and a column."""
    if len(text) > MAX_LENGTH:
        raise TextError("expression_too_deep", 1, 1)
    if not text.strip():
        raise TextError("formula_empty", 1, 1)
    try:
        found = parser().parse(text)
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedCharacters as error:
        near = text[error.pos_in_stream :][:30]
        code = "unclosed_text" if near[0] in "'\"" else "unreadable_logic"
        raise TextError(code, error.line, error.column, near=near) from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            lines = text.rstrip().split("\n")
            raise TextError("formula_unfinished", len(lines), len(lines[-1]) + 1) from None
        raise TextError("unexpected", error.line, error.column, near=str(error.token)[:30]) from None
    except UnexpectedInput as error:  # pragma: no cover  (the two above are all that LALR raises)
        raise TextError("unreadable_logic", error.line, error.column, near="") from None
    budget = [MAX_NODES]

    def plain(node: Any, depth: int) -> list[Any]:
        budget[0] -= 1
        if depth > MAX_DEPTH or budget[0] < 0:
            raise TextError("expression_too_deep", 1, 1)
        return [plain(part, depth + 1) if isinstance(part, list) else part for part in node]

    return plain(found, 0)


LEVELS = {"or": 1, "and": 2, "not": 3, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4}
LEVELS |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "neg": 7, "^": 8}
RESERVED = frozenset({"and", "or", "not", "in", "is", "null", "true", "false"})
SPELT = {"<>": "!="}


def write_native(node: Node) -> str:
    """The text that `parse` reads as this tree."""
    return written(node, 0)


def name_of(name: str) -> str:
    return f"[{name}]" if name.lower() in RESERVED else name


def quoted(text: str) -> str:
    mark = '"' if "'" in text and '"' not in text else "'"
    return mark + text.replace(mark, mark * 2) + mark


def inside(node: str | Node) -> str:
    """A field here, or at another event, as an argument."""
    return name_of(node) if isinstance(node, str) else written(node, 0)


def written(node: Node, above: int) -> str:
    head, *arguments = node
    if head in ATOMS:
        return str(ATOMS[head](*arguments))
    if head in LITERALS and not isinstance(arguments[0], list | tuple):
        return literal(head, arguments[0], above)
    if head in ("same", "distinct") and arguments[1][0] == "null":
        return enclosed(f"{written(arguments[0], 5)} is {'not ' if head == 'distinct' else ''}null", 4, above)
    if head == "or" and (choices := among(arguments)):
        return enclosed(f"{written(arguments[0][1], 5)} in ({', '.join(choices)})", 4, above)
    level = LEVELS.get(head)
    if level is None or (head in ("and", "or") and len(arguments) == 1):
        return f"{head}({', '.join(written(argument, 0) for argument in arguments)})"
    if head == "not":
        return enclosed(f"not {written(arguments[0], 3)}", level, above)
    if head == "neg":
        part = arguments[0]
        is_number = part[0] == "number" and isinstance(part[1], str)
        return enclosed(f"-({part[1]})" if is_number else f"-{written(part, 7)}", level, above)
    if head == "^":
        return enclosed(f"{written(arguments[0], 9)} ^ {written(arguments[1], 7)}", level, above)
    first = arguments[0]
    apart = level == 4 or (head in ("+", "*", "and", "or") and first[0] == head)
    sides = [written(first, level + apart), *(written(argument, level + 1) for argument in arguments[1:])]
    return enclosed(f" {SPELT.get(head, head)} ".join(sides), level, above)


def enclosed(text: str, level: int, above: int) -> str:
    return f"({text})" if level < above else text


def among(parts: Iterable[Node]) -> list[str]:
    """The literals of ``x = '1' or x = '2'``, if that is what it is."""
    parts = list(parts)
    same = all(
        part[0] == "=" and part[1] == parts[0][1] and part[2][0] in ("text", "number") and isinstance(part[2][1], str)
        for part in parts
    )
    return [written(part[2], 0) for part in parts] if same and len(parts) > 1 else []


def literal(head: str, value: Any, above: int) -> str:
    if head == "boolean":
        return "true" if value else "false"
    if head == "number":
        return enclosed(value, 7, above) if value.startswith("-") else str(value)
    return quoted(value) if head == "text" else f"{head}({quoted(value)})"


ATOMS: dict[str, Any] = {
    "null": lambda: "null",
    "var": name_of,
    "of": lambda event, name: f"{name_of(name)}@{name_of(event)}",
    "ticked": lambda where, code: f"has({inside(where)}, {quoted(code)})",
    "count": lambda where: f"count({inside(where)})",
    "over": lambda how, repeat, node: f"{how}({written(node, 0)} in {name_of(repeat)})",
    **{
        head: lambda name, head=head: f"{head}({name_of(name)})"
        for head in ("previous", "first", "last", "rows", "status", "choice")
    },
}
