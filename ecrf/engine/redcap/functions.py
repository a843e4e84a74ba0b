"""REDCap's functions in our operators."""

from __future__ import annotations

from collections.abc import Callable

from ecrf.engine.expressions.operators import UNIT_SECONDS
from ecrf.engine.redcap.conversion import Typed, common, convert
from ecrf.engine.redcap.logic import LogicError


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
    kind = common([then, otherwise])
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
