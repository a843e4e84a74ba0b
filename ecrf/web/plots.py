"""Where the lines of a plot go: cumulated inclusions against their target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

WIDTH, HEIGHT, LEFT, RIGHT, TOP, FLOOR = 760, 280, 56, 640, 16, 236


@dataclass(frozen=True)
class Tick:
    place: float
    text: str


@dataclass(frozen=True)
class Curve:
    """A line with its name at its end, so that nobody looks for it in a legend."""

    kind: str
    name: str
    points: str
    end: float
    """Where its name goes."""
    value: str
    last: tuple[float, float]
    """Its last point, which is all of a line of one month."""


@dataclass(frozen=True)
class Plot:
    xs: Sequence[Tick]
    ys: Sequence[Tick]
    curves: Sequence[Curve]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    floor: int = FLOOR


def step_of(most: int) -> int:
    """The distance of the lines of a scale: 1, 2 or 5 times a power of ten, five lines at most."""
    power = 1
    while True:
        for base in (1, 2, 5):
            if most <= 5 * base * power:
                return base * power
        power *= 10


def accrual(
    months: Sequence[date], series: Sequence[tuple[str, str, Sequence[int]]], said: Callable[[int], str] = str
) -> Plot | None:
    """Lines over months, from zero; nothing where there is less than a line. `series`: kind, name, values."""
    if not months:
        return None
    most = max((value for _kind, _name, values in series for value in values), default=0)
    step = step_of(max(most, 1))
    top = step * -(-max(most, 1) // step)

    def x(place: int) -> float:
        return round(LEFT + (RIGHT - LEFT) * (place / (len(months) - 1) if len(months) > 1 else 0.5), 1)

    def y(value: int) -> float:
        return round(FLOOR - (FLOOR - TOP) * value / top, 1)

    every = max(1, -(-len(months) // 8))
    xs = [Tick(x(place), f"{month:%m/%Y}") for place, month in enumerate(months) if place % every == 0]
    ys = [Tick(y(value), said(value)) for value in range(0, top + 1, step)]
    drawn = [(kind, name, values) for kind, name, values in series if any(values)]
    ends = apart([y(values[-1]) for _kind, _name, values in drawn])
    curves = [
        Curve(
            kind,
            name,
            " ".join(f"{x(place)},{y(value)}" for place, value in enumerate(values)),
            end,
            said(values[-1]),
            (x(len(values) - 1), y(values[-1])),
        )
        for (kind, name, values), end in zip(drawn, ends, strict=True)
    ]
    return Plot(xs, ys, curves)


def apart(places: Sequence[float], room: float = 18) -> list[float]:
    """The same places, moved until the names at them don't overlap."""
    order = sorted(range(len(places)), key=lambda one: places[one])
    found = list(places)
    for before, after in pairwise(order):
        found[after] = max(found[after], found[before] + room)
    return found
