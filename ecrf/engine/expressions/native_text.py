"""Write an expression in the text that authors write, with no more parentheses than it needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecrf.engine.expressions.native_words import literal, name_of, quoted
from ecrf.engine.expressions.operators import LITERALS, Node
from ecrf.engine.expressions.saying import enclosed

LEVELS = {"or": 1, "and": 2, "not": 3, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4}
LEVELS |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "neg": 7, "^": 8}
SPELT = {"<>": "!="}


def write_native(node: Node) -> str:
    """The text that `parse` reads as this tree."""
    return written(node, 0)


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


def among(parts: Iterable[Node]) -> list[str]:
    """The literals of ``x = '1' or x = '2'``, if that is what it is."""
    parts = list(parts)
    same = all(
        part[0] == "=" and part[1] == parts[0][1] and part[2][0] in ("text", "number") and isinstance(part[2][1], str)
        for part in parts
    )
    return [written(part[2], 0) for part in parts] if same and len(parts) > 1 else []


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
