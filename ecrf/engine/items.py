"""The parts of a definition, ready to run: its expressions compiled, its choices by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecrf.engine.expressions.run import Run


@dataclass(frozen=True, slots=True)
class Check:
    key: str
    holds: Run
    severity: str
    message: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one title; `conditions` are those of its page and its own."""

    number: int
    page: str
    spec: Mapping[str, Any]
    conditions: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One question, calculation or text of a form."""

    key: str
    kind: str
    page: str
    group: Group
    spec: Mapping[str, Any]
    codes: Mapping[str, Mapping[str, Any]]
    condition: Run | None
    calc: Run | None
    default: Run | None
    low: Run | None
    high: Run | None
    checks: tuple[Check, ...]

    @property
    def is_input(self) -> bool:
        """Whether a person fills it in."""
        return self.kind != "output" and self.calc is None
