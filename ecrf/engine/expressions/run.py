"""Run an expression: the authority. Compiled once into closures, run often; never raises on checked expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ecrf.engine import moments, numbers
from ecrf.engine.expressions.operators import OPERATORS, UNIT_SECONDS, Node

Value = Any
"""Decimal, str, bool, date, datetime, time, or None; a frozenset of codes only behind `ticked` and `count`."""


@dataclass(frozen=True)
class Environment:
    values: Mapping[str, Value]
    today: date
    now: datetime
    subject: str = ""


Run = Callable[[Environment], Value]


def compile_expression(node: Node) -> Run:
    head, *arguments = node
    if head == "null":
        return lambda env: None
    if head == "var":
        name = arguments[0]
        return lambda env: env.values.get(name)
    if head == "ticked":
        name, code = arguments
        return lambda env: code in (env.values.get(name) or ())
    if head == "count":
        name = arguments[0]
        return lambda env: Decimal(len(env.values.get(name) or ()))
    if head == "today":
        return lambda env: env.today
    if head == "now":
        return lambda env: env.now
    if head == "subject":
        return lambda env: env.subject or None
    if arguments and not isinstance(arguments[0], list | tuple):
        constant = LITERAL[head](arguments[0])
        return lambda env: constant
    parts = [compile_expression(argument) for argument in arguments]
    if head in SPECIAL:
        return SPECIAL[head](parts)
    function = FUNCTIONS[head]
    if OPERATORS[head].nulls == "skip":
        return skipping(function, parts)
    return spreading(function, parts)


def spreading(function: Callable[..., Value], parts: list[Run]) -> Run:
    """Any null makes null."""
    if len(parts) == 2:
        first, second = parts

        def pair(env: Environment) -> Value:
            a = first(env)
            if a is None or (b := second(env)) is None:
                return None
            return function(a, b)

        return pair

    def run(env: Environment) -> Value:
        values = []
        for part in parts:
            value = part(env)
            if value is None:
                return None
            values.append(value)
        return function(*values)

    return run


def skipping(function: Callable[[list[Value]], Value], parts: list[Run]) -> Run:
    """Nulls are left out; null where nothing is left."""

    def run(env: Environment) -> Value:
        values = [value for part in parts if (value := part(env)) is not None]
        return function(values) if values else None

    return run


def conjunction(parts: list[Run]) -> Run:
    def run(env: Environment) -> bool | None:
        result: bool | None = True
        for part in parts:
            value = part(env)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return run


def disjunction(parts: list[Run]) -> Run:
    def run(env: Environment) -> bool | None:
        result: bool | None = False
        for part in parts:
            value = part(env)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return run


def choice(parts: list[Run]) -> Run:
    condition, then, otherwise = parts
    return lambda env: then(env) if condition(env) is True else otherwise(env)


def same(parts: list[Run]) -> Run:
    first, second = parts
    return lambda env: first(env) == second(env)


def distinct(parts: list[Run]) -> Run:
    first, second = parts
    return lambda env: first(env) != second(env)


def fold(function: Callable[[Decimal, Decimal], Decimal | None]) -> Callable[..., Decimal | None]:
    def run(*values: Decimal) -> Decimal | None:
        result: Decimal | None = values[0]
        for value in values[1:]:
            if result is None:
                return None
            result = function(result, value)
        return result

    return run


def to_number(value: Decimal | str) -> Decimal | None:
    return value if isinstance(value, Decimal) else numbers.parse(value.strip(" "))


def to_text(value: Value) -> str:
    if isinstance(value, Decimal):
        return numbers.write(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else moments.write(value)


def age(birth: date, on: date) -> Decimal | None:
    """Completed years; null before birth. Who was born on 29 February has his day on 1 March in common years."""
    years = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
    return Decimal(years) if on >= birth else None


def datediff(first: date | time, second: date | time, unit: str, signed: bool) -> Decimal | None:
    """`second` minus `first`, or the distance between the two."""
    distance = moments.seconds(second) - moments.seconds(first)
    return numbers.divide(Decimal(distance if signed else abs(distance)), Decimal(UNIT_SECONDS[unit]))


def whole(number: Decimal) -> int:
    """A count of characters: never below zero, never absurd."""
    return int(max(Decimal(0), min(number, Decimal(100_000))))


def mid(text: str, first: Decimal, many: Decimal) -> str:
    start = max(0, whole(first) - 1)
    return text[start : start + whole(many)]


def right(text: str, many: Decimal) -> str:
    return text[max(0, len(text) - whole(many)) :]


LITERAL: dict[str, Callable[[Any], Value]] = {
    "number": numbers.parse,
    "text": lambda text: text,
    "boolean": lambda value: value,
    "date": moments.parse_date,
    "datetime": moments.parse_datetime,
    "time": moments.parse_time,
}

SPECIAL: dict[str, Callable[[list[Run]], Run]] = {
    "and": conjunction,
    "or": disjunction,
    "if": choice,
    "same": same,
    "distinct": distinct,
}

FUNCTIONS: dict[str, Callable[..., Value]] = {
    "not": lambda a: not a,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": fold(numbers.add),
    "-": numbers.subtract,
    "*": fold(numbers.multiply),
    "/": numbers.divide,
    "%": numbers.modulo,
    "^": numbers.power,
    "neg": Decimal.copy_negate,  # the operators of Decimal would round to the thread's own context
    "abs": Decimal.copy_abs,
    "sqrt": numbers.square_root,
    "exp": numbers.exponential,
    "ln": numbers.logarithm,
    "log": numbers.logarithm,
    "round": lambda a, digits: numbers.rounded(a, digits, "round"),
    "floor": lambda a, digits: numbers.rounded(a, digits, "floor"),
    "ceil": lambda a, digits: numbers.rounded(a, digits, "ceil"),
    "sum": numbers.total,
    "mean": numbers.mean,
    "median": numbers.median,
    "deviation": numbers.deviation,
    "min": min,
    "max": max,
    "year": lambda a: Decimal(a.year),
    "month": lambda a: Decimal(a.month),
    "day": lambda a: Decimal(a.day),
    "date_of": lambda a: a.date() if isinstance(a, datetime) else a,
    "age": age,
    "datediff": datediff,
    "concat": "".join,
    "upper": str.upper,
    "lower": str.lower,
    "trim": lambda a: a.strip(" "),
    "length": lambda a: Decimal(len(a)),
    "left": lambda a, n: a[: whole(n)],
    "right": right,
    "mid": mid,
    "contains": lambda a, b: b.lower() in a.lower(),
    "starts": lambda a, b: a.lower().startswith(b.lower()),
    "ends": lambda a, b: a.lower().endswith(b.lower()),
    "number": to_number,
    "text": to_text,
}
