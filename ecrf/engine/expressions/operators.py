"""The operators of the language as one table: what each takes and gives. Checks and both evaluators follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Type = Literal["number", "text", "boolean", "date", "datetime", "time", "null"]
Node = Sequence[Any]
"""``[head, argument, …]``: the head is a string, arguments are nodes or, for literals and variables, strings."""

LITERALS: frozenset[str] = frozenset({"number", "text", "boolean", "date", "datetime", "time"})
"""``["number", "1.5"]``; `number` and `text` with a node as argument are conversions."""

MAX_DEPTH = 100
MAX_NODES = 20_000

ORDERED = ("number", "date", "datetime", "time")
ANY: tuple[Type, ...] = ("number", "text", "boolean", "date", "datetime", "time")


@dataclass(frozen=True)
class Operator:
    """`takes` lists the accepted types of each argument; the last one repeats where `many` says so."""

    takes: tuple[tuple[str, ...], ...]
    gives: str
    """A type, or ``same``: the type of the arguments, which must agree."""
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
    # Comparison: unknown where a side is, save `same` and `distinct`, which treat null as a value
    "=": Operator((ANY, ANY), "boolean"),
    "<>": Operator((ANY, ANY), "boolean"),
    "<": Operator((ORDERED, ORDERED), "boolean"),
    "<=": Operator((ORDERED, ORDERED), "boolean"),
    ">": Operator((ORDERED, ORDERED), "boolean"),
    ">=": Operator((ORDERED, ORDERED), "boolean"),
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
    "today": Operator((), "date"),
    "now": Operator((), "datetime"),
    "year": Operator((("date", "datetime"),), "number"),
    "month": Operator((("date", "datetime"),), "number"),
    "day": Operator((("date", "datetime"),), "number"),
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
    # Conversions
    "number": Operator((("text", "number"),), "number"),  # null where the text is no numeral
    "text": Operator((ANY,), "text"),
}

UNIT_SECONDS = {"y": 31_556_952, "M": 2_630_016, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
"""A year of 365.2425 days and a month of 30.44 days, as REDCap documents for its datediff."""
