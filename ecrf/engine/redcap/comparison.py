"""Two sides of a comparison made of one type, as REDCap would compare them."""

from __future__ import annotations

from ecrf.engine.redcap.conversion import Node, Typed, convert
from ecrf.engine.redcap.logic_tokens import LogicError


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
    return next((kind for kind in ("partial", "datetime", "date", "time") if kind in kinds), "number")


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
    if kinds == {"date", "partial"}:
        return "partial"
    if "boolean" in kinds:
        return "boolean" if kinds == {"boolean", "text"} else "number"
    if kinds == {"text", "number"}:
        return "text"
    raise LogicError("type_clash", given=", ".join(sorted(kinds)), wanted="same")
