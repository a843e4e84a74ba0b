"""Which picture suits a result: chosen from the kinds of its columns, overridable by whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lowcode.engine.columns import NUMERIC, TEMPORAL
from lowcode.engine.result import Output, Result, Special
from lowcode.engine.words import is_ratio

ADDITIVE = frozenset({"rows", "share", "sum"})
"""Measures whose parts make a whole, so that their bars may be stacked."""
MOST_SERIES = 8
MANY_CELLS = 40


class Chart(StrEnum):
    FIGURE = "figure"
    BAR = "bar"
    GROUPED = "grouped"
    HISTOGRAM = "histogram"
    LINE = "line"
    BOX = "box"
    SCATTER = "scatter"
    HEATMAP = "heatmap"
    NONE = "none"


@dataclass(frozen=True)
class Drawing:
    """A kind of chart and the columns it is made from."""

    chart: Chart
    keys: tuple[Output, ...] = ()
    measures: tuple[Output, ...] = ()


def choices(result: Result, measure: str = "") -> list[Drawing]:
    """Every drawing that can be made of a result, the best first. The last one is always no drawing."""
    chosen = _measure(result, measure)
    if chosen is None or len(result.keys) > 2 or not result.rows:
        return [Drawing(Chart.NONE)]
    if not result.keys:
        return [Drawing(Chart.FIGURE, (), result.measures), Drawing(Chart.NONE)]
    found = _of_spread(result, chosen) if chosen.part else _of_one(result, chosen)
    return [*found, Drawing(Chart.NONE)]


def choose(result: Result, kind: str = "", measure: str = "") -> Drawing:
    """The drawing asked for where it is possible, else the best one."""
    possible = choices(result, measure)
    return next((drawing for drawing in possible if drawing.chart == kind), possible[0])


def _measure(result: Result, name: str) -> Output | None:
    """The measure to draw: the one named (a spread by any of its parts), else the first of numbers."""
    numbers = [output for output in result.measures if output.kind in NUMERIC]
    for output in numbers:
        if output.name == name or (output.measure and output.measure.name == name):
            return output
    return numbers[0] if numbers else None


def _of_spread(result: Result, chosen: Output) -> list[Drawing]:
    parts = tuple(output for output in result.measures if output.measure is chosen.measure)
    median = next(output for output in parts if output.part == "median")
    if len(result.keys) > 1:
        return _of_two(result, median)
    first = [Drawing(Chart.LINE, result.keys, (median,))] if _is_time(result.keys[0]) else []
    return [Drawing(Chart.BOX, result.keys, parts), *first, Drawing(Chart.BAR, result.keys, (median,))]


def _of_one(result: Result, chosen: Output) -> list[Drawing]:
    if len(result.keys) == 2:
        return _of_two(result, chosen)
    key = result.keys
    bar = Drawing(Chart.BAR, key, (chosen,))
    found = [bar]
    if _is_time(key[0]):
        found = [Drawing(Chart.LINE, key, (chosen,)), bar]
    elif _is_width(key[0]):
        found = [Drawing(Chart.HISTOGRAM, key, (chosen,)), Drawing(Chart.LINE, key, (chosen,)), bar]
    elif _is_plain_number(key[0]):
        found = [bar, Drawing(Chart.LINE, key, (chosen,))]
    others = [output for output in result.measures if output.kind in NUMERIC and output.measure is not chosen.measure]
    if others:
        found.append(Drawing(Chart.SCATTER, key, (others[0], chosen)))
    return found


def _of_two(result: Result, chosen: Output) -> list[Drawing]:
    first, second = result.keys
    grouped, heatmap = (Drawing(chart, result.keys, (chosen,)) for chart in (Chart.GROUPED, Chart.HEATMAP))
    if _runs(second) and not _runs(first):
        first, second = second, first
    series = _distinct(result, second)
    line = Drawing(Chart.LINE, (first, second), (chosen,))
    if _runs(first) and not _runs(second) and series <= MOST_SERIES:
        stacked = [Drawing(Chart.HISTOGRAM, (first, second), (chosen,))] if _stacks(first, chosen) else []
        return [*(stacked or [line]), *([line] if stacked else []), grouped, heatmap]
    if series <= MOST_SERIES and len(result.rows) <= MANY_CELLS and not (_runs(first) and _runs(second)):
        return [grouped, heatmap]
    return [heatmap, grouped] if series <= MOST_SERIES else [heatmap]


def _stacks(key: Output, measure: Output) -> bool:
    return _is_width(key) and measure.measure is not None and measure.measure.of in ADDITIVE


def _runs(output: Output) -> bool:
    """Its values follow one another along an axis."""
    return _is_time(output) or _is_width(output)


def _is_time(output: Output) -> bool:
    return output.kind in TEMPORAL


def _is_width(output: Output) -> bool:
    return output.key is not None and output.key.width is not None


def _is_plain_number(output: Output) -> bool:
    plain = output.key is not None and not output.key.breaks and output.key.top is None
    return plain and output.kind in NUMERIC and not output.codes


def _distinct(result: Result, output: Output) -> int:
    place = result.outputs.index(output)
    return len({row[place] if not isinstance(row[place], Special) else repr(row[place]) for row in result.rows})


__all__ = ["Chart", "Drawing", "choices", "choose", "is_ratio"]
