"""Small drawings of the evaluation, both axes from 0 to 1; each stands beside its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from core.web.templatetags.web import percent

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 44
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
SMALLEST, LARGEST, ALIKE = 3.0, 12.0, 4.0
"""Radii; the last where all dots weigh the same."""


@dataclass(frozen=True)
class Tick:
    place: float
    text: str


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    size: float
    title: str


@dataclass(frozen=True)
class Name:
    """What a point is called, beside it; `side` is the text's anchor."""

    x: float
    y: float
    text: str
    side: str


@dataclass(frozen=True)
class Plot:
    """A line through points, its dots, and a diagonal where both axes should agree."""

    key: str
    title: _StrPromise | str
    across: _StrPromise | str
    up: _StrPromise | str
    xs: list[Tick]
    ys: list[Tick]
    line: str
    dots: list[Dot]
    names: list[Name]
    diagonal: str = ""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - BOTTOM
    end: int = WIDTH - RIGHT
    middle: int = (LEFT + WIDTH - RIGHT) // 2


def plot(
    key: str,
    titles: tuple[_StrPromise | str, _StrPromise | str, _StrPromise | str],
    points: Sequence[tuple[float, float, float, str]],
    *,
    lowest: float = 0.0,
    diagonal: str = "",
    names: Sequence[tuple[float, float, str]] = (),
) -> Plot:
    """Points are (x, y, weight, title); `lowest` is where the upright axis begins, told by its ticks.

    `names` are (x, y, what stands there), `diagonal` is what the line is called on which both axes agree.
    """
    title, across, up = titles
    weights = {weight for _x, _y, weight, _title in points}
    most = max(weights, default=1)
    dots = [
        Dot(_x(x), _y(y, lowest), ALIKE if len(weights) == 1 else _size(weight / most), said)
        for x, y, weight, said in points
    ]
    return Plot(
        key=key, title=title, across=across, up=up,
        xs=[Tick(_x(value), percent(value)) for value in TICKS],
        ys=[Tick(_y(lowest + (1 - lowest) * value, lowest), percent(lowest + (1 - lowest) * value)) for value in TICKS],
        line=" ".join(f"{dot.x},{dot.y}" for dot in dots), dots=dots,
        names=[*(_name(x, y, lowest, text) for x, y, text in names),
               *([_name(0.6, 0.6, lowest, diagonal, under=True)] if diagonal else [])],
        diagonal=f"{_x(0)},{_y(0, lowest)} {_x(1)},{_y(1, lowest)}" if diagonal else "",
    )  # fmt: skip


def _name(x: float, y: float, lowest: float, text: str, *, under: bool = False) -> Name:
    """Beside its point, on the side where there is room; `under` on its right whatever."""
    right = under or x < 0.5
    down = 16 if under else 34 if y > (1 + lowest) / 2 else -12
    return Name(_x(x) + (8 if right else 4), _y(y, lowest) + down, text, "start" if right else "end")


def _size(share: float) -> float:
    """The area, not the radius, tells the weight."""
    return round(SMALLEST + (LARGEST - SMALLEST) * sqrt(share), 1)


def _x(value: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * value, 1)


def _y(value: float, lowest: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - lowest) / (1 - lowest), 1)
