"""Logic of three values, and the other operators that see null as it is."""

from __future__ import annotations

from collections.abc import Callable

from ecrf.engine.expressions.environment import Environment, Run, Value


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


SPECIAL: dict[str, Callable[[list[Run]], Run]] = {
    "and": conjunction,
    "or": disjunction,
    "if": choice,
    "coalesce": coalesce,
    "same": same,
    "distinct": distinct,
}
