"""REDCap's functions on dates in our operators."""

from __future__ import annotations

from collections.abc import Callable

from ecrf.engine import moments
from ecrf.engine.expressions.operators import UNIT_SECONDS
from ecrf.engine.redcap.conversion import Typed, convert
from ecrf.engine.redcap.logic_tokens import LogicError


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
    known = next((kind for kind in ("time", "date", "datetime") if kind in kinds), "")
    sides = [convert(part, part[1] if part[1] in MOMENTS else known or kind_of(part)) for part in (first, second)]
    return ["datediff", *sides, unit[0], ["boolean", signed]], "number"


MOMENTS = frozenset({"date", "datetime", "time"})


def kind_of(part: Typed) -> str:
    """What a quoted text is, where nothing beside it tells: ``'08:30'`` is a time."""
    text = part[0][1] if part[1] == "literal" else ""
    if moments.parse_time(text):
        return "time"
    return "datetime" if moments.parse_datetime(text) else "date"


def part_of_date(name: str) -> Callable[[Typed], Typed]:
    return lambda moment: ([name, convert(moment, moment[1] if moment[1] == "datetime" else "date")], "number")
