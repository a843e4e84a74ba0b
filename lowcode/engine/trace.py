"""Calls on Ibis objects that write themselves down: the Python printed is the calls that were made."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Any

TABLE_VERBS = frozenset({"filter", "mutate", "group_by", "aggregate", "order_by", "limit", "select"})


LINE = 96


class Step:
    """An Ibis value together with the Python that makes it. Text enters the code only through `repr`."""

    __slots__ = ("_code", "_compound", "_value")

    def __init__(self, value: Any, code: str, compound: bool = False) -> None:
        self._value, self._code, self._compound = value, code, compound

    @property
    def _atom(self) -> str:
        """The code, in brackets where something is going to be attached to an operator's result."""
        return f"({self._code})" if self._compound else self._code

    def __getattr__(self, name: str) -> Callable[..., Step]:
        def call(*args: Any, **kwargs: Any) -> Step:
            value = getattr(self._value, name)(
                *map(value_of, args), **{key: value_of(arg) for key, arg in kwargs.items()}
            )
            said = [*map(code_of, args), *(f"{key}={code_of(arg)}" for key, arg in kwargs.items())]
            return Step(value, f"{self._atom}{_call(name, said)}")

        return call

    def __getitem__(self, key: str) -> Step:
        return Step(self._value[key], f"{self._atom}[{key!r}]")

    def _operator(self, sign: str, value: Any, other: Any) -> Step:
        right = other._atom if isinstance(other, Step) else code_of(other)
        return Step(value, f"{self._atom} {sign} {right}", compound=True)

    def __eq__(self, other: object) -> Step:  # type: ignore[override]
        return self._operator("==", self._value == value_of(other), other)

    def __ne__(self, other: object) -> Step:  # type: ignore[override]
        return self._operator("!=", self._value != value_of(other), other)

    def __lt__(self, other: Any) -> Step:
        return self._operator("<", self._value < value_of(other), other)

    def __le__(self, other: Any) -> Step:
        return self._operator("<=", self._value <= value_of(other), other)

    def __gt__(self, other: Any) -> Step:
        return self._operator(">", self._value > value_of(other), other)

    def __ge__(self, other: Any) -> Step:
        return self._operator(">=", self._value >= value_of(other), other)

    def __and__(self, other: Any) -> Step:
        return self._operator("&", self._value & value_of(other), other)

    def __or__(self, other: Any) -> Step:
        return self._operator("|", self._value | value_of(other), other)

    def __mul__(self, other: Any) -> Step:
        return self._operator("*", self._value * value_of(other), other)

    def __truediv__(self, other: Any) -> Step:
        return self._operator("/", self._value / value_of(other), other)

    def __floordiv__(self, other: Any) -> Step:
        return self._operator("//", self._value // value_of(other), other)

    def __invert__(self) -> Step:
        return Step(~self._value, f"~{self._atom}")

    __hash__ = None  # type: ignore[assignment]


def _call(name: str, said: list[str]) -> str:
    """A call as code: the verbs of tables each on a line of their own, long lists one argument a line."""
    if name not in TABLE_VERBS:
        return f".{name}({', '.join(said)})"
    short = f"\n    .{name}({', '.join(said)})"
    if len(short) <= LINE or len(said) < 2:
        return short
    return f"\n    .{name}(\n        " + ",\n        ".join(said) + ",\n    )"


def value_of(thing: Any) -> Any:
    if isinstance(thing, Step):
        return thing._value
    return [value_of(part) for part in thing] if isinstance(thing, list) else thing


def code_of(thing: Any) -> str:
    if isinstance(thing, Step):
        return thing._code
    if isinstance(thing, list):
        return f"[{', '.join(map(code_of, thing))}]"
    return repr(thing)


class Late:
    """Ibis, or something in it, imported with the first query: that takes longer than the rest of the suite's start."""

    def __init__(self, *path: str) -> None:
        self._path = path

    def _there(self) -> Any:
        return functools.reduce(getattr, self._path, import_module("ibis"))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._there(), name)

    def __getitem__(self, key: str) -> Any:
        return self._there()[key]


IBIS = Step(Late(), "ibis")
COLUMN = Step(Late("_"), "_")


class Program:
    """The statements of the printed Python, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def let(self, name: str, step: Step) -> Step:
        """Give a step a name, on a line of its own."""
        code = step._code
        self.lines.append(f"{name} = (\n    {code}\n)" if "\n" in code else f"{name} = {code}")
        return Step(step._value, name)
