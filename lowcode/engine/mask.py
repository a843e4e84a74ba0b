"""Small counts are not shown, and what is not shown can't be found again by subtracting from a total.

Primary masking hides what stands on fewer than `least` people. Complementary masking then hides more, until in every
line that adds up to a total (each key summed out, or several at once) the hidden cells are two at least and stand on
`least` people together. Both are decided on the whole result, before order and limit: what is hidden never depends on
how the result is looked at. What no mask of one result can prevent is told in the README: several questions whose
filters differ by one person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy

from lowcode.engine.fold import fold
from lowcode.engine.query import Measure
from lowcode.engine.result import OF_PARTS, Cell, Output, Result, Special, part_name, support_name

LEAST = 11
MOST_SOLVED = 400
"""Hidden cells beyond which the equations of their totals are not solved: everything is hidden."""
OF_ONE_PERSON = frozenset({"minimum", "maximum"})
"""Measures that are the value of a single person however large the group."""
EDGE = 0.05
"""Quantiles further out than the whiskers of a spread come near the smallest or the largest value."""


def mask(result: Result, least: int = LEAST) -> Result:
    """The result as it may be shown to people who may not read the data. Needs a whole result with its supports."""
    if len(result.supports) != len(result.rows):
        raise ValueError("only a whole result with its supports can be masked")
    places = [number for number, output in enumerate(result.outputs) if output.role == "key"]
    keys = [tuple(row[place] for place in places) for row in result.rows]
    counts = [support[support_name()] for support in result.supports]
    small = {number for number, count in enumerate(counts) if count < least}
    hidden_rows = hidden(keys, counts, small, least)
    rows = [list(row) for row in result.rows]
    for place, output in enumerate(result.outputs):
        if output.role == "measure":
            for number in hidden_rows | _hidden_cells(output, keys, result.supports, hidden_rows, least):
                rows[number][place] = Special.MASKED
    # Supports are the very counts that are hidden: they go no further.
    return replace(result, rows=fold(result.outputs, rows, small), supports=())


def _hidden_cells(
    output: Output,
    keys: Sequence[tuple[Cell, ...]],
    supports: Sequence[Mapping[str, int]],
    hidden_rows: set[int],
    least: int,
) -> set[int]:
    """The rows in which this measure is hidden because of its own missing values."""
    measure = output.measure
    if measure is None or not measure.column:
        return set()
    if measure.of in OF_ONE_PERSON:
        return set(range(len(keys)))
    name = support_name(measure.name)
    known = [support[name] for support in supports]
    few = _few_of_two(measure, supports, least) if measure.of in OF_PARTS else set()
    if measure.of not in ("missing", "sum"):
        small = {number for number, count in enumerate(known) if count < least or _is_edge(measure, count, least)}
        return hidden(keys, known, small | few | hidden_rows, least)
    # A sum divided by its mean is how many values are known, and so how many are missing: it is masked like them.
    # An answer that was kept before sums had this count is taken for one that must be hidden.
    absent = [support.get(part_name("absent", measure.name), 1) for support in supports]
    small = {number for number, pair in enumerate(zip(known, absent, strict=True)) if any(0 < n < least for n in pair)}
    if measure.of == "sum":
        small |= few | {number for number, count in enumerate(known) if count < least}
        return hidden(keys, known, small | hidden_rows, least)
    return hidden(keys, [min(pair) for pair in zip(known, absent, strict=True)], small | hidden_rows, least)


def _few_of_two(measure: Measure, supports: Sequence[Mapping[str, int]], least: int) -> set[int]:
    """The rows that have only noughts and ones, and few of either: their sum or mean counts those few."""
    names = {part: part_name(part, measure.name) for part in ("no", "yes", "else")}
    return {
        number
        for number, support in enumerate(supports)
        if not support.get(names["else"], 0) and any(0 < support.get(names[part], 1) < least for part in ("no", "yes"))
    }


def _is_edge(measure: Measure, count: int, least: int) -> bool:
    """Whether a quantile has fewer than `least` people beyond it: at 0 and 1 it is one person's value."""
    if measure.at is None:
        return False
    beyond = min(measure.at, 1 - measure.at)
    return beyond < EDGE and beyond * count < least


def hidden(keys: Sequence[tuple[Cell, ...]], counts: Sequence[int], small: Iterable[int], least: int) -> set[int]:
    """The rows to hide, `small` ones included, so that no total gives one back.

    A line is the rows that agree on some keys; the others are summed out. Totals that a reader can ask for are its sum.
    """
    masked = set(small)
    smallest = sorted(range(len(keys)), key=lambda number: (counts[number], repr(keys[number])))
    lines = _lines(keys, smallest)
    while masked:
        before = len(masked)
        for line in lines:
            _fill(line, masked, counts, least)
        if len(masked) == before:
            _break_open(lines, masked)
        if len(masked) == before:
            break
    return masked


def _fill(line: list[int], masked: set[int], counts: Sequence[int], least: int) -> None:
    """Hide the smallest of a line until what is hidden in it is two rows at least and `least` people together."""
    inside = [number for number in line if number in masked]
    shown = [number for number in line if number not in masked]
    while inside and shown and (len(inside) < 2 or sum(counts[number] for number in inside) < least):
        inside.append(shown[0])
        masked.add(shown.pop(0))


def _break_open(lines: list[list[int]], masked: set[int]) -> None:
    """Hide one more row where the totals of several lines together still give a hidden one."""
    cells = sorted(masked)
    if len(cells) > MOST_SOLVED:
        masked.update(number for line in lines for number in line)
        return
    found = determined(lines, cells)
    for line in lines:
        shown = [number for number in line if number not in masked]
        if shown and any(number in found for number in line):
            masked.add(shown[0])
            return


def determined(lines: list[list[int]], cells: list[int]) -> set[int]:
    """The hidden cells that the totals of all lines fix: no solution of the homogeneous equations moves them."""
    place = {cell: number for number, cell in enumerate(cells)}
    equations = numpy.array(
        [[float(cell in line) for cell in cells] for line in map(set, lines) if place.keys() & line]
    )
    if not equations.size:
        return set()
    _, sizes, basis = numpy.linalg.svd(equations)
    rank = int((sizes > 1e-9 * max(1.0, sizes[0])).sum())
    free = basis[rank:]
    moves = numpy.abs(free).max(axis=0) if len(free) else numpy.zeros(len(cells))
    return {cell for cell, size in zip(cells, moves, strict=True) if size < 1e-9}


def _lines(keys: Sequence[tuple[Cell, ...]], smallest: Sequence[int]) -> list[list[int]]:
    """The lines, each from its smallest row on, so that the same counts always hide the same rows."""
    width = len(keys[0]) if keys else 0
    lines: list[list[int]] = []
    for size in range(width):
        for fixed in combinations(range(width), size):
            rows: dict[tuple[str, ...], list[int]] = defaultdict(list)
            for number in smallest:
                rows[tuple(repr(keys[number][place]) for place in fixed)].append(number)
            lines += (rows[values] for values in sorted(rows))
    return lines
