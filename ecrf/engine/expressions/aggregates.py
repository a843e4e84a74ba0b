"""What is computed of the values of the rows of a repeat."""

from __future__ import annotations

from collections.abc import Callable

from ecrf.engine.expressions.environment import Value
from ecrf.engine.expressions.functions import FUNCTIONS

AGGREGATES: dict[str, Callable[..., Value]] = {
    **{how: FUNCTIONS[how] for how in ("sum", "mean", "median", "min", "max")},
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "join": ", ".join,
}
"""Of the values of the rows, null left out."""
