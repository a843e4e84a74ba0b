"""Curves and bars over time as SVG, made on the server: readable without a script, at two widths."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.web.templatetags.web import number, speaks_french

LINE_HEIGHT = 17
"""Room that a label takes, so that no two stand on each other."""


@dataclass(frozen=True)
class Box:
    """A drawing of so many units, of which the frame leaves these to the plot."""

    width: int
    height: int
    left: int
    right: int
    dates: int
    top: int = 26
    bottom: int = 28

    @property
    def inner_width(self) -> int:
        return self.width - self.left - self.right

    @property
    def inner_height(self) -> int:
        return self.height - self.top - self.bottom

    @property
    def floor(self) -> int:
        return self.height - self.bottom


WIDE = Box(width=860, height=280, left=56, right=190, dates=6)
NARROW = Box(width=340, height=240, left=44, right=8, dates=3)


@dataclass(frozen=True)
class Series:
    """One value a day; None where there is none. `colour` is a number of the palette."""

    label: str | Promise
    values: Sequence[float | None]
    colour: int
    is_dashed: bool = False


@dataclass(frozen=True)
class Mark:
    """A word at a place of the drawing, with the line or bar that it belongs to."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True)
class Curve:
    points: str
    colour: int
    is_dashed: bool
    label: Mark
    dot: Mark


@dataclass(frozen=True)
class Drawing:
    box: Box
    unit: str
    ticks: Sequence[Mark]
    dates: Sequence[Mark]
    curves: Sequence[Curve]
    bars: Sequence[Bar]

    @property
    def end(self) -> int:
        return self.box.width - self.box.right


@dataclass(frozen=True)
class Scale:
    """From zero to a round number above the largest value, in a unit that people read."""

    top: float
    step: float
    divisor: float
    unit: str

    def words(self, value: float) -> str:
        shown = value / self.divisor
        return number(shown, 0 if float(shown).is_integer() else 1 if round(shown, 1) == shown else 2)


@dataclass(frozen=True)
class Plot:
    key: str
    title: str | Promise
    days: Sequence[date]
    series: Sequence[Series]
    scale: Callable[[float], Scale]
    say: Callable[[float], str]
    """A value in words, for labels and the table."""
    are_bars: bool = False

    @property
    def drawings(self) -> list[tuple[str, Drawing]]:
        return [("wide", self.draw(WIDE)), ("narrow", self.draw(NARROW))]

    def draw(self, box: Box) -> Drawing:
        most = max((value for each in self.series for value in each.values if value is not None), default=0)
        scale = self.scale(most)

        def height(value: float) -> float:
            return box.floor - box.inner_height * value / scale.top

        count = max(len(self.days), 1)
        step = box.inner_width / count if self.are_bars else box.inner_width / max(count - 1, 1)
        shift = step / 2 if self.are_bars else 0.0
        places = [box.left + shift + step * place for place in range(len(self.days))]
        ticks = [
            Mark(box.left, height(scale.step * place), scale.words(scale.step * place))
            for place in range(round(scale.top / scale.step) + 1)
        ]
        curves: list[Curve] = []
        bars: list[Bar] = []
        if self.are_bars:
            bars = [bar for each in self.series for bar in self._bars(each, places, step, height, box)]
        else:
            known = [each for each in self.series if any(value is not None for value in each.values)]
            curves = _labelled([self._curve(each, places, height, box) for each in known], box)
        return Drawing(box, scale.unit, ticks, list(_dates(self.days, places, box)), curves, bars)

    def _curve(self, series: Series, places: Sequence[float], height: Callable[[float], float], box: Box) -> Curve:
        known = [(x, value) for x, value in zip(places, series.values, strict=True) if value is not None]
        points = " ".join(f"{x:.1f},{height(value):.1f}" for x, value in known)
        x, last = known[-1]
        text = f"{series.label} {self.say(last)}"
        place = Mark(x + 10 if box is WIDE else x, height(last), text)
        return Curve(points, series.colour, series.is_dashed, place, Mark(x, height(last), text))

    def _bars(
        self, series: Series, places: Sequence[float], step: float, height: Callable[[float], float], box: Box
    ) -> list[Bar]:
        width = max(step * 0.7, 1)
        return [
            Bar(x - width / 2, height(value), width, box.floor - height(value), f"{_short(day)} · {self.say(value)}")
            for day, x, value in zip(self.days, places, series.values, strict=True)
            if value
        ]


def _labelled(curves: Sequence[Curve], box: Box) -> list[Curve]:
    """The labels moved apart, in the order of their lines; in a narrow drawing above them."""
    rise = 0 if box is WIDE else 10
    found: list[Curve] = []
    floor = float(box.floor)
    for curve in sorted(curves, key=lambda each: -each.label.y):
        y = min(curve.label.y - rise, floor)
        floor = y - LINE_HEIGHT
        found.append(replace(curve, label=replace(curve.label, y=y)))
    lowest = min((curve.label.y for curve in found), default=box.top)
    down = max(0.0, 12 - lowest)  # what was pushed beyond the top comes down again, all together
    return [replace(each, label=replace(each.label, y=each.label.y + down)) for each in found]


def _dates(days: Sequence[date], places: Sequence[float], box: Box) -> list[Mark]:
    """A few days named on the axis, evenly spread."""
    if not days:
        return []
    wanted = min(box.dates, len(days))
    chosen = sorted({round(number * (len(days) - 1) / max(wanted - 1, 1)) for number in range(wanted)})
    far = (days[-1] - days[0]).days > 300
    return [Mark(places[place], box.floor, _short(days[place], far)) for place in chosen]


def _short(day: date, far: bool = False) -> str:
    french = speaks_french()
    written = ("N Y" if french else "M Y") if far else ("j N" if french else "j M")
    return formats.date_format(day, written).replace(" ", "\N{NO-BREAK SPACE}")


def of_bytes(most: float) -> Scale:
    """Decimal multiples, as the pages write sizes."""
    byte = "o" if speaks_french() else "B"
    divisor, prefix = 1.0, ""
    for prefix in ("", "k", "M", "G", "T"):
        if most < 1000 * divisor or prefix == "T":
            break
        divisor *= 1000
    return _scale(most, divisor, f"{prefix}{byte}")


def of_times(most: float) -> Scale:
    return _scale(max(most, 1), 1.0, _("times"))


def _scale(most: float, divisor: float, unit: str) -> Scale:
    """Four steps or five of 1, 2, 2.5 or 5 of a power of ten."""
    wanted = max(most / divisor, 1e-9) / 4
    power = 10 ** math.floor(math.log10(wanted)) if most else 1.0
    step = next((power * each for each in (1, 2, 2.5, 5, 10) if power * each >= wanted), power * 10)
    steps = max(1, math.ceil(most / divisor / step - 1e-9))
    return Scale(step * steps * divisor, step * divisor, divisor, unit)
