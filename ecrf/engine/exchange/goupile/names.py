"""The names that every script finds, and parts of it that are only looked at when somebody asks for them."""

from __future__ import annotations

from typing import Any

from ecrf.engine.exchange.goupile.values import Unsupported

GLOBALS = frozenset(
    [
        "app",
        "form",
        "values",
        "thread",
        "meta",
        "page",
        "profile",
        "goupile",
        "cache",
        "ENV",
        "html",
        "svg",
        "render",
        "LocalDate",
        "LocalTime",
        "dates",
        "times",
        "Util",
        "Net",
        "Log",
        "UI",
        "crypto",
        "Math",
        "Number",
        "Object",
        "Array",
        "String",
        "JSON",
        "Date",
        "console",
        "document",
        "window",
        "parseFloat",
        "parseInt",
        "isNaN",
        "nav",
        "data",
        "setTimeout",
    ]
)
HEAVIEST = 5_000


def heavy(node: list[Any]) -> bool:
    """Whether an expression has more parts than any needs."""
    waiting, count = [node], 0
    while waiting:
        count += 1
        if count > HEAVIEST:
            return True
        waiting += [part for part in waiting.pop() if isinstance(part, list)]
    return False


class Late:
    """A part of an object that is only a fault where somebody asks for it."""

    def __init__(self, fault: Unsupported) -> None:
        self.fault = fault
