"""Write an expression as people read it: ``[sex] = '1' and [age] >= 18``."""

from __future__ import annotations

from ecrf.engine.expressions.operators import LITERALS, Node

LEVEL = {"or": 1, "and": 2, "=": 4, "<>": 4, "same": 4, "distinct": 4, "<": 4, "<=": 4, ">": 4, ">=": 4}
LEVEL |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "neg": 7, "^": 8}
SPELT = {"same": "=", "distinct": "<>"}


def write(node: Node, above: int = 0) -> str:
    head, *arguments = node
    if head == "null":
        return "''"
    if head == "var":
        return f"[{arguments[0]}]"
    if head == "ticked":
        return f"[{arguments[0]}({arguments[1]})]"
    if head in LITERALS and not isinstance(arguments[0], list | tuple):
        return str(arguments[0]).lower() if head in ("boolean", "number") else f"'{arguments[0]}'"
    if head in ("number", "text"):  # a conversion says nothing to a reader
        return write(arguments[0], above)
    level = LEVEL.get(head)
    if level is None:
        name = "not" if head == "not" else head
        inside = f"[{arguments[0]}]" if head == "count" else ", ".join(write(argument) for argument in arguments)
        return f"{name}({inside})"
    if head == "neg":
        return f"-{write(arguments[0], level)}"
    text = f" {SPELT.get(head, head)} ".join(
        write(argument, level + (place > 0)) for place, argument in enumerate(arguments)
    )
    return f"({text})" if level < above else text
