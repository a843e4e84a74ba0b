"""What an expression of a script is known to be without running it: a constant, a tree of the expression language, …"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Ast = dict[str, Any]


class Undefined:
    """JavaScript's undefined, and null, which Goupile hardly tells from it."""


UNDEFINED = Undefined()


class Unsupported(Exception):
    """A part of a script that only a run can tell: its place, and why."""

    def __init__(self, node: Ast | None, why: str) -> None:
        start = ((node or {}).get("loc") or {}).get("start") or {}
        self.line, self.column, self.why = int(start.get("line", 0)), int(start.get("column", 0)) + 1, why
        self.file = str(start.get("file", ""))
        super().__init__(why)


@dataclass(frozen=True)
class Const:
    value: Any
    """str, int, float, bool or UNDEFINED."""


@dataclass(frozen=True)
class Tree:
    """An expression of the language. `unknown`: whether a boolean may be null, which then stands for false."""

    node: list[Any]
    type: str
    nullable: bool = True
    unknown: bool = False
    codes: tuple[tuple[str, Any], ...] = ()
    """For a choice: each code, and what it is in the script."""
    exclusive: bool = False
    """For several choices: whether nothing ticked is nothing answered."""


@dataclass(frozen=True)
class Markup:
    text: str
    images: tuple[tuple[str, str], ...] = ()


@dataclass
class Arr:
    items: list[Any]


@dataclass
class Obj:
    items: dict[str, Any]


@dataclass(frozen=True)
class Counted:
    """What is left of a list by conditions; only its length can be told."""

    tests: tuple[Tree, ...]


@dataclass
class Func:
    params: list[Ast]
    body: Ast
    env: Env


@dataclass
class Env:
    """Names of one scope of a script."""

    parent: Env | None = None
    names: dict[str, Any] = field(default_factory=dict)

    def find(self, name: str) -> Env | None:
        scope: Env | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope

    def chain(self) -> list[Env]:
        return [self, *(self.parent.chain() if self.parent else [])]


@dataclass(frozen=True)
class Unknown:
    """What couldn't be told; whoever uses it can't be told either."""

    why: str


@dataclass(frozen=True)
class Path:
    """A name that the runtime gives, and what is asked of it: ``form.text``, ``values``, ``thread.data.page``."""

    parts: tuple[str, ...]

    def __truediv__(self, name: str) -> Path:
        return Path((*self.parts, name))


@dataclass
class Found:
    """An item that a script asks, as far as it is known."""

    key: str
    """Ours, once only in the whole form."""
    spec: dict[str, Any]
    values: tuple[tuple[str, Any], ...] = ()
    exclusive: bool = False
    visible: Tree | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0
    place: tuple[int, int] = (0, 0)
    """Its group, and its line in the group."""
    tab: str = ""
    several: bool = False

    def tree(self) -> Tree:
        kind = self.spec["type"]
        if kind == "choices":
            return Tree(["var", self.key], "codes", self.exclusive, codes=self.values, exclusive=self.exclusive)
        types = {"integer": "number", "decimal": "number", "choice": "text", "file": "text", "partial_date": "partial"}
        return Tree(["var", self.key], types.get(kind, kind), codes=self.values)


def number(value: float) -> str:
    """A number as trees spell it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int):
        return str(value)
    return format(Decimal(repr(value)), "f")


def code_of(values: list[Any]) -> list[str]:
    """A code for each value, as the runtime's codes.js gives it."""
    taken: set[str] = set()
    codes = []
    for value in values:
        code = "none" if value is UNDEFINED else js_text(value)
        code = re.sub(r"[^A-Za-z0-9_.-]+", "_", code)[:90] or "_"
        start, count = code, 2
        while code in taken:
            code, count = f"{start}.{count}", count + 1
        taken.add(code)
        codes.append(code)
    return codes


def js_text(value: Any) -> str:
    """A constant as JavaScript makes text of it."""
    if value is UNDEFINED:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    return number(value) if isinstance(value, int | float) else str(value)
