"""Write an expression as people read it: ``[sex] = '1' and [age] >= 18``."""

from __future__ import annotations

from ecrf.engine.expressions.operators import ELSEWHERE, LITERALS, Node

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
        return boxes(arguments[0], f"({arguments[1]})")
    if head in ELSEWHERE or head in ("rows", "status"):
        return boxes(node, "")
    if head == "choice":
        return f"choice({arguments[0]})"
    if head == "over":
        return f"{arguments[0]}({write(arguments[2])} in [{arguments[1]}])"
    if head in LITERALS and not isinstance(arguments[0], list | tuple):
        return str(arguments[0]).lower() if head in ("boolean", "number") else f"'{arguments[0]}'"
    if head in ("number", "text"):  # a conversion says nothing to a reader
        return write(arguments[0], above)
    level = LEVEL.get(head)
    if level is None:
        name = "not" if head == "not" else head
        inside = boxes(arguments[0], "") if head == "count" else ", ".join(write(argument) for argument in arguments)
        return f"{name}({inside})"
    if head == "neg":
        return f"-{write(arguments[0], level)}"
    text = f" {SPELT.get(head, head)} ".join(
        write(argument, level + (place > 0)) for place, argument in enumerate(arguments)
    )
    return f"({text})" if level < above else text


def boxes(where: str | Node, code: str) -> str:
    """A field, here or at another event, and one of its boxes."""
    if isinstance(where, str):
        return f"[{where}{code}]"
    head, names = where[0], where[1:]
    return f"[{names[0]}][{names[1]}{code}]" if head == "of" else f"{head}([{names[0]}{code}])"
