"""Run an expression: the authority. Compiled once into closures, run often; never raises on checked expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from ecrf.engine import moments, numbers
from ecrf.engine.expressions.aggregates import AGGREGATES
from ecrf.engine.expressions.environment import Environment, Run, Value
from ecrf.engine.expressions.functions import FUNCTIONS
from ecrf.engine.expressions.nulls import skipping, spreading
from ecrf.engine.expressions.operations import to_text
from ecrf.engine.expressions.operators import ELSEWHERE, OPERATORS, Node
from ecrf.engine.expressions.other_events import elsewhere
from ecrf.engine.expressions.three_valued import SPECIAL
from ecrf.engine.patterns import compile_pattern

__all__ = ["Environment", "Run", "Value", "compile_expression", "to_text"]


def compile_expression(node: Node) -> Run:
    head, *arguments = node
    if head == "null":
        return lambda env: None
    if head in READING:
        return READING[head](*arguments)
    if head in ELSEWHERE:
        return elsewhere(head, *arguments)
    if arguments and not isinstance(arguments[0], list | tuple):
        constant = LITERAL[head](arguments[0])
        return lambda env: constant
    if head == "matches":
        return matches(*arguments)
    parts = [compile_expression(argument) for argument in arguments]
    if head in SPECIAL:
        return SPECIAL[head](parts)
    function = FUNCTIONS[head]
    if OPERATORS[head].nulls == "skip":
        return skipping(function, parts)
    return spreading(function, parts)


def variable(name: str) -> Run:
    return lambda env: env.values.get(name)


def boxes(where: str | Node) -> Run:
    """The boxes ticked here, or at another event."""
    return variable(where) if isinstance(where, str) else compile_expression(where)


def is_ticked(where: str | Node, code: str) -> Run:
    ticked = boxes(where)
    return lambda env: code in (ticked(env) or ())


def number_of(where: str | Node) -> Run:
    ticked = boxes(where)
    return lambda env: Decimal(len(ticked(env) or ()))


def over(how: str, repeat: str, node: Node) -> Run:
    part = compile_expression(node)

    def values(env: Environment) -> Iterator[Value]:
        return (part(env.inside(row)) for row in env.rows.get(repeat, ()))

    if how in ("any", "all"):
        end = how == "any"

        def decide(env: Environment) -> bool | None:
            found = {*values(env)}
            return end if end in found else None if None in found else not end

        return decide
    if how == "count":
        return lambda env: Decimal(sum(value is not None and value is not False for value in values(env)))
    function = AGGREGATES[how]

    def run(env: Environment) -> Value:
        known = [value for value in values(env) if value is not None]
        return function(known) if known else None

    return run


def matches(text: Node, pattern: Node) -> Run:
    part, compiled = compile_expression(text), compile_pattern(pattern[1])

    def run(env: Environment) -> bool | None:
        value = part(env)
        return None if value is None else compiled.matches(value)

    return run


READING: dict[str, Callable[..., Run]] = {
    "var": variable,
    "ticked": is_ticked,
    "count": number_of,
    "over": over,
    "rows": lambda repeat: lambda env: Decimal(len(env.rows.get(repeat, ()))),
    "status": lambda name: lambda env: env.statuses.get(name) or None,
    "choice": lambda attribute: lambda env: (env.choice or {}).get(attribute) or None,
    "today": lambda: lambda env: env.today,
    "now": lambda: lambda env: env.now,
    "subject": lambda: lambda env: env.subject or None,
    "event": lambda: lambda env: env.event or None,
    "instance": lambda: lambda env: Decimal(env.instance),
    "site": lambda: lambda env: env.site or None,
    "arm": lambda: lambda env: env.arm or None,
}

LITERAL: dict[str, Callable[[Any], Value]] = {
    "number": numbers.parse,
    "text": lambda text: text,
    "boolean": lambda value: value,
    "date": moments.parse_date,
    "datetime": moments.parse_datetime,
    "time": moments.parse_time,
    "partial": moments.parse_partial,
}
