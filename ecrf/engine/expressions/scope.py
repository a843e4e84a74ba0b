"""What an expression may speak of where it stands, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Problem:
    """What is wrong in an expression; `params` complete the message of the code."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """What an expression may speak of, where it stands."""

    types: Mapping[str, str]
    """The type of each variable; items of a repeat are not among them, save for expressions inside its rows."""
    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The choices of each variable that has some, those of rows included."""
    repeats: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Key of a repeat, or of a repeating page -> types of its items."""
    events: frozenset[str] = frozenset()
    attributes: frozenset[str] | None = None
    """What `choice` may read besides the `code`; None outside of a choice_filter."""
    outer: Mapping[str, str] | None = None
    """In a row: the types around it, which are those that other events have too."""

    def inside(self, repeat: str) -> Scope:
        """The scope of an expression in a row of this repeat."""
        outer = self.types if self.outer is None else self.outer
        return replace(self, types={**self.types, **self.repeats[repeat]}, outer=outer)
