"""What simple functions of REDCap take and give."""

from __future__ import annotations

from collections.abc import Callable

from ecrf.engine.redcap.conversion import Typed, convert


def digits(name: str) -> Callable[..., Typed]:
    return lambda number, places=(["number", "0"], "number"): (
        [name, convert(number, "number"), convert(places, "number")],
        "number",
    )


def one(name: str, takes: str, gives: str) -> Callable[[Typed], Typed]:
    return lambda part: ([name, convert(part, takes)], gives)


def two(name: str, takes: tuple[str, str], gives: str) -> Callable[[Typed, Typed], Typed]:
    return lambda a, b: ([name, convert(a, takes[0]), convert(b, takes[1])], gives)
