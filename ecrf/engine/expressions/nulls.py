"""How an operator runs whose arguments may be null: null spreads, or is left out."""

from __future__ import annotations

from collections.abc import Callable

from ecrf.engine.expressions.environment import Environment, Run, Value


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
