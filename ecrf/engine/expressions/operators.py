"""The operators of the language as one table: what each takes and gives. Checks and both evaluators follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Type = Literal["number", "text", "boolean", "date", "datetime", "time", "partial", "codes", "null"]
Node = Sequence[Any]
"""``[head, argument, …]``: the head is a string, arguments are nodes or, for literals and variables, strings."""

LITERALS: frozenset[str] = frozenset({"number", "text", "boolean", "date", "datetime", "time", "partial"})
"""``["number", "1.5"]``; `number` and `text` with a node as argument are conversions."""

MAX_DEPTH = 100
MAX_NODES = 20_000

ORDERED = ("number", "date", "datetime", "time")
COMPARED = (*ORDERED, "partial")
ANY: tuple[Type, ...] = ("number", "text", "boolean", "date", "datetime", "time", "partial")

READING: frozenset[str] = frozenset(
    {"var", "ticked", "count", "of", "previous", "first", "last", "over", "rows", "status", "choice"}
)
"""Operators with names among their arguments: ``["var", name] ["ticked", name, code] ["count", name]``; the value at
another event ``["of", event, name]``, at the nearest earlier one that asks it ``["previous", name]``, the first or the
last that earlier events have ``["first", name] ["last", name]``; ``["over", how, repeat, node]`` over the rows of a
repeat, ``["rows", repeat]`` their number; ``["status", name]`` the note's; ``["choice", attribute]`` of the choice that
a choice_filter looks at. Instead of a name, `ticked` and `count` take boxes of another event:
``["ticked", ["of", event, name], code]``."""

ELSEWHERE: frozenset[str] = frozenset({"of", "previous", "first", "last"})


@dataclass(frozen=True)
class Operator:
    """`takes` lists the accepted types of each argument; the last one repeats where `many` says so."""

    takes: tuple[tuple[str, ...], ...]
    gives: str
    """A type; ``same``: the type of the arguments, which must agree; ``first``: that of the first one."""
    many: bool = False
    optional: int = 0
    nulls: Literal["spread", "skip", "own"] = "spread"
    """Any null makes null; or nulls are left out; or the operator has its own rule."""


NUMBER, TEXT, BOOLEAN = ("number",), ("text",), ("boolean",)
MOMENT = ("date", "datetime", "time")

OPERATORS: dict[str, Operator] = {
    # Logic of three values
    "and": Operator((BOOLEAN,), "boolean", many=True, nulls="own"),
    "or": Operator((BOOLEAN,), "boolean", many=True, nulls="own"),
    "not": Operator((BOOLEAN,), "boolean"),
    "if": Operator((BOOLEAN, ANY, ANY), "same", nulls="own"),  # unknown takes the second way
    "coalesce": Operator((ANY,), "same", many=True, nulls="own"),  # the first that is no null
    # Comparison: unknown where a side is, save `same` and `distinct`, which treat null as a value
    "=": Operator((ANY, ANY), "boolean"),
    "<>": Operator((ANY, ANY), "boolean"),
    "<": Operator((COMPARED, COMPARED), "boolean"),
    "<=": Operator((COMPARED, COMPARED), "boolean"),
    ">": Operator((COMPARED, COMPARED), "boolean"),
    ">=": Operator((COMPARED, COMPARED), "boolean"),
    "same": Operator((ANY, ANY), "boolean", nulls="own"),
    "distinct": Operator((ANY, ANY), "boolean", nulls="own"),
    # Arithmetic
    "+": Operator((NUMBER, NUMBER), "number", many=True),
    "-": Operator((NUMBER, NUMBER), "number"),
    "*": Operator((NUMBER, NUMBER), "number", many=True),
    "/": Operator((NUMBER, NUMBER), "number"),
    "%": Operator((NUMBER, NUMBER), "number"),
    "^": Operator((NUMBER, NUMBER), "number"),
    "neg": Operator((NUMBER,), "number"),
    "abs": Operator((NUMBER,), "number"),
    "sqrt": Operator((NUMBER,), "number"),
    "exp": Operator((NUMBER,), "number"),
    "ln": Operator((NUMBER,), "number"),
    "log": Operator((NUMBER, NUMBER), "number"),  # number, base
    "round": Operator((NUMBER, NUMBER), "number"),  # number, decimals
    "floor": Operator((NUMBER, NUMBER), "number"),
    "ceil": Operator((NUMBER, NUMBER), "number"),
    "bmi": Operator((NUMBER, NUMBER), "number"),  # kg, cm; not rounded
    "bsa": Operator((NUMBER, NUMBER), "number"),  # kg, cm; m², Mosteller, N Engl J Med 1987;317:1098
    # Over several values, leaving out what is null
    "sum": Operator((NUMBER,), "number", many=True, nulls="skip"),
    "mean": Operator((NUMBER,), "number", many=True, nulls="skip"),
    "median": Operator((NUMBER,), "number", many=True, nulls="skip"),
    "deviation": Operator((NUMBER,), "number", many=True, nulls="skip"),
    "min": Operator((ORDERED,), "same", many=True, nulls="skip"),
    "max": Operator((ORDERED,), "same", many=True, nulls="skip"),
    # Whom and when the entry is about
    "subject": Operator((), "text"),  # the subject's number
    # Dates, without time zone
    "event": Operator((), "text"),  # its key
    "instance": Operator((), "number"),  # of a repeating event or page, from 1
    "site": Operator((), "text"),
    "arm": Operator((), "text"),
    "today": Operator((), "date"),
    "now": Operator((), "datetime"),
    "year": Operator((("date", "datetime", "partial"),), "number"),
    "month": Operator((("date", "datetime", "partial"),), "number"),
    "day": Operator((("date", "datetime", "partial"),), "number"),
    "weekday": Operator((("date", "datetime"),), "number"),  # 1 is Monday, 7 Sunday
    "make_date": Operator((NUMBER, NUMBER, NUMBER), "date"),  # null where there is no such day
    "shift": Operator((MOMENT, NUMBER, TEXT), "first"),  # so many d w M y h m later; a month ends at its last day
    "earliest": Operator((("partial", "date"),), "date"),  # the first day that it may be
    "latest": Operator((("partial", "date"),), "date"),
    "date_of": Operator((("date", "datetime"),), "date"),
    "age": Operator((("date",), ("date",)), "number"),  # completed years between birth and a date
    "datediff": Operator((MOMENT, MOMENT, TEXT, BOOLEAN), "number"),  # unit y M d h m s, signed
    # Text
    "concat": Operator((TEXT,), "text", many=True, nulls="skip"),
    "upper": Operator((TEXT,), "text"),
    "lower": Operator((TEXT,), "text"),
    "trim": Operator((TEXT,), "text"),
    "length": Operator((TEXT,), "number"),
    "left": Operator((TEXT, NUMBER), "text"),
    "right": Operator((TEXT, NUMBER), "text"),
    "mid": Operator((TEXT, NUMBER, NUMBER), "text"),  # text, first character from 1, how many
    "contains": Operator((TEXT, TEXT), "boolean"),  # whatever the case
    "starts": Operator((TEXT, TEXT), "boolean"),
    "ends": Operator((TEXT, TEXT), "boolean"),
    "matches": Operator((TEXT, TEXT), "boolean"),  # wholly, a literal pattern of `patterns`
    # Conversions
    "number": Operator((("text", "number"),), "number"),  # null where the text is no numeral
    "text": Operator((ANY,), "text"),
}

UNIT_SECONDS = {"y": 31_556_952, "M": 2_630_016, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
"""A year of 365.2425 days and a month of 30.44 days, as REDCap documents for its datediff."""

AGGREGATES: dict[str, Operator] = {
    "sum": OPERATORS["sum"],
    "mean": OPERATORS["mean"],
    "median": OPERATORS["median"],
    "min": OPERATORS["min"],
    "max": OPERATORS["max"],
    "any": OPERATORS["or"],
    "all": OPERATORS["and"],
    "first": Operator((ANY,), "same", nulls="skip"),
    "last": Operator((ANY,), "same", nulls="skip"),
    "join": Operator((TEXT,), "text", nulls="skip"),  # ", " between them
    "count": Operator((ANY,), "number", nulls="own"),  # of the rows in which it is neither null nor false
}
"""What `over` makes of the values of the rows; over no row, `any` is false, `all` true, `count` 0 and the rest null."""
