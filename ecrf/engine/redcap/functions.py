"""REDCap's functions in our operators."""

from __future__ import annotations

from collections.abc import Callable

from ecrf.engine.redcap.conversion import Typed, common, convert
from ecrf.engine.redcap.date_functions import datediff, part_of_date
from ecrf.engine.redcap.signatures import digits, one, two


def condition(test: Typed, then: Typed, otherwise: Typed) -> Typed:
    kind = common([then, otherwise])
    return ["if", convert(test, "boolean"), convert(then, kind), convert(otherwise, kind)], kind


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
