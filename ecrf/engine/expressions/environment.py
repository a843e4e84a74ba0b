"""Where an expression is evaluated: the values around it, and what else it may know."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

Value = Any
"""Decimal, str, bool, date, datetime, time, Partial, or None; a frozenset of codes only behind `ticked` and `count`."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where an expression is evaluated. Values are typed."""

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
