"""One type made of another, as REDCap and XPath would: codes and numbers that are texts, blanks, boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecrf.engine import moments, numbers
from ecrf.engine.redcap.logic_tokens import LogicError

Node = list[Any]
Typed = tuple[Node, str]
"""A node and its type; ``literal`` for a quoted text, which becomes what its neighbour is."""

NULL: Typed = (["null"], "null")


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
    if (wanted, kind) == ("partial", "date"):  # the two can be compared
        return node
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
    if wanted == "partial" and moments.parse_partial(text.strip()):
        return ["partial", text.strip()]
    raise LogicError("text_is_no_" + wanted, near=text[:30])


def common(parts: Sequence[Typed]) -> str:
    """The type that one of several values has, whichever it is."""
    kinds = {kind for _, kind in parts} - {"null"}
    texts = [node[1] for node, kind in parts if kind == "literal"]
    are_numbers = all(numbers.parse(text.strip()) is not None for text in texts)
    if kinds <= {"literal"}:
        return "number" if texts and are_numbers else "text"
    kinds -= {"literal"}
    kind = next(iter(kinds)) if len(kinds) == 1 else "number" if kinds <= {"number", "boolean", "text"} else "text"
    return "text" if kind == "number" and not are_numbers else kind
