"""What a variable may be, given what is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any


@dataclass(frozen=True)
class Range:
    """What a variable may be: null or not, within limits, one of some values, not one of others."""

    null: bool = True
    low: Any = None
    low_open: bool = False
    high: Any = None
    high_open: bool = False
    only: frozenset[Any] | None = None
    never: frozenset[Any] = frozenset()
    whole: bool = False

    @property
    def possible(self) -> bool:
        return self.null or self.has_value

    @property
    def has_value(self) -> bool:
        if self.only is not None:
            return any(self.holds(value) for value in self.only - self.never)
        if self.low is None or self.high is None:
            return True
        if self.whole:
            first = floor(self.low) + 1 if self.low_open else ceil(self.low)
            last = ceil(self.high) - 1 if self.high_open else floor(self.high)
            return any(value not in self.never for value in range(first, min(last, first + len(self.never)) + 1))
        if self.low == self.high:
            return not (self.low_open or self.high_open) and self.low not in self.never
        return bool(self.low < self.high)

    def holds(self, value: Any) -> bool:
        above = self.low is None or value > self.low or (value == self.low and not self.low_open)
        return above and (self.high is None or value < self.high or (value == self.high and not self.high_open))

    def among(self, values: Iterable[Any], *, null: bool) -> Range:
        found = frozenset(values)
        return replace(self, only=found if self.only is None else self.only & found, null=self.null and null)

    def limited(self, sign: str, limit: Any) -> Range:
        is_open = sign in ("<", ">")
        if sign in (">", ">="):
            if self.low is None or (limit, is_open) > (self.low, self.low_open):
                return replace(self, low=limit, low_open=is_open)
        elif self.high is None or (limit, not is_open) < (self.high, not self.high_open):
            return replace(self, high=limit, high_open=is_open)
        return self
