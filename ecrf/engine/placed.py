"""The expressions of a definition where they stand, with what holds around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecrf.engine.expressions.operators import Node
from ecrf.engine.reasoning import Goal


@dataclass
class Formula:
    """An expression and where it stands; `number` is that of the item that it belongs to, or of the first one."""

    path: str
    what: str
    node: Node
    page: str
    number: int
    goals: tuple[Goal, ...] = ()
    """What holds wherever it is evaluated."""
    own: str = ""
    """The item that it computes: it has no value yet."""


@dataclass
class Place:
    path: str
    number: int
    page: str
    item: Mapping[str, Any]
    goals: tuple[Goal, ...]
    formulas: list[Formula]
