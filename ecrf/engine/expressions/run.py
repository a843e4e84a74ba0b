"""Run an expression: the authority. Compiled once into closures, run often; never raises on checked expressions."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from ecrf.engine import moments, numbers
from ecrf.engine.expressions.functions import AGGREGATES, FUNCTIONS, Value, to_text
from ecrf.engine.expressions.operators import ELSEWHERE, OPERATORS, Node
from ecrf.engine.patterns import compile_pattern

__all__ = ["Environment", "Run", "Value", "compile_expression", "to_text"]


@dataclass(frozen=True, slots=True)
class Environment:
    """Where an expression is evaluated. Values are typed: see `functions.Value`."""

    values: Mapping[str, Value]
    """In a row, those of the row before those around it: ``ChainMap(row, values)``."""
    today: date
    now: datetime
    subject: str = ""
    site: str = ""
    arm: str = ""
    event: str = ""
    instance: int = 1
    others: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """Event -> its values. A name is there if the event asks it, null where it has no answer."""
    earlier: Sequence[str] = ()
    """The events before this one, in order."""
    rows: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    """Key of a repeat, or of a repeating page -> the values of each row, in order: of its every item, null or not."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    """The status of the note of each item that has one."""
    choice: Mapping[str, str] | None = None
    """In a choice_filter: the attributes of the choice looked at, and its `code`."""

    def inside(self, row: Mapping[str, Value]) -> Environment:
        """The same, in a row of a repeat."""
        return Environment(
            ChainMap(cast(Any, row), cast(Any, self.values)),  # nothing is ever written to it
            self.today,
            self.now,
            self.subject,
            self.site,
            self.arm,
            self.event,
            self.instance,
            self.others,
            self.earlier,
            self.rows,
            self.statuses,
            self.choice,
        )


Run = Callable[[Environment], Value]


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


def coalesce(parts: list[Run]) -> Run:
    def run(env: Environment) -> Value:
        for part in parts:
            value = part(env)
            if value is not None:
                return value
        return None

    return run


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


def earlier(name: str, env: Environment, *, latest: bool) -> Iterator[Value]:
    """The values at the earlier events that ask it."""
    for event in reversed(env.earlier) if latest else env.earlier:
        values = env.others.get(event)
        if values is not None and name in values:
            yield values[name]


def elsewhere(head: str, *names: str) -> Run:
    """`of` the event itself reads the values that are being entered."""
    if head == "of":
        event, name = names
        return lambda env: (env.values if event == env.event else env.others.get(event, {})).get(name)
    (name,) = names
    if head == "previous":
        return lambda env: next(earlier(name, env, latest=True), None)
    return lambda env: next((value for value in earlier(name, env, latest=head == "last") if value is not None), None)


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

SPECIAL: dict[str, Callable[[list[Run]], Run]] = {
    "and": conjunction,
    "or": disjunction,
    "if": choice,
    "coalesce": coalesce,
    "same": same,
    "distinct": distinct,
}
