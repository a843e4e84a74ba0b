"""The parts of a definition, ready to run: its expressions compiled, its choices by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ecrf.engine.expressions.run import Run


@dataclass(frozen=True, slots=True)
class Check:
    key: str
    holds: Run
    severity: str
    message: Mapping[str, str]
    when: str = "input"


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one title; `conditions` are those of its page and its own."""

    number: int
    page: str
    spec: Mapping[str, Any]
    conditions: tuple[Run, ...]
    row_title: Run | None = None

    @property
    def repeat(self) -> str:
        """The key of its rows, where it is asked once per row."""
        return str(self.spec["repeat"]["key"]) if "repeat" in self.spec else ""


@dataclass(frozen=True)
class Item:
    """One question, calculation or text of a form."""

    key: str
    kind: str
    page: str
    group: Group
    spec: Mapping[str, Any]
    """As the definition says it, the choices of a shared list filled in."""
    codes: Mapping[str, Mapping[str, Any]]
    condition: Run | None
    calc: Run | None
    default: Run | None
    low: Run | None
    high: Run | None
    required_if: Run | None
    readonly_if: Run | None
    offer: Run | None
    """Whether a choice is on offer."""
    checks: tuple[Check, ...]

    @cached_property
    def repeat(self) -> str:
        return self.group.repeat

    @cached_property
    def is_input(self) -> bool:
        """Whether a person fills it in, and no expression and no script computes it."""
        computed = self.calc is not None or "goupile.calc" in self.spec.get("source", ())
        return self.kind != "output" and not computed

    @cached_property
    def is_required(self) -> bool:
        """Whether it is to be filled in wherever it is shown."""
        return self.is_input and bool(self.spec.get("required"))

    @cached_property
    def is_limited(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True)
class Page:
    key: str
    title: Mapping[str, str]
    items: tuple[Item, ...]
    groups: tuple[Group, ...]
    spec: Mapping[str, Any]
    summary: Run | None = None
    """A text for lists; of a copy of a repeating page, what tells it from the others."""


@dataclass(frozen=True)
class Event:
    """A moment of the study; `pages` are filled in once there, `copied` as often as needed."""

    key: str
    title: Mapping[str, str]
    spec: Mapping[str, Any]
    pages: tuple[str, ...]
    copied: tuple[str, ...]
    start: Run | None
    """The date from which its day counts."""
    condition: Run | None

    def is_of(self, arm: str) -> bool:
        return not arm or "arms" not in self.spec or arm in self.spec["arms"]
