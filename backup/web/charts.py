"""The calendars: a row for each source and a cell for each day, or a month as it hangs on a wall."""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from backup.queries import Outcome, State
from backup.queries.outcomes import Row

DAYS = 35
"""Of the small calendar of the overview."""
LOOKS: Mapping[State, tuple[str, str, str | Promise]] = {
    State.FAILED: ("failed", "circle-x", gettext_lazy("Failed")),
    State.MISSED: ("waiting", "circle-dashed", gettext_lazy("Missed")),
    State.PARTIAL: ("warning", "alert-triangle", gettext_lazy("Not whole")),
    State.DONE: ("done", "circle-check", gettext_lazy("Done")),
}
"""Of each outcome its look, its icon and its word."""


@dataclass(frozen=True)
class Sign:
    """An outcome as pages show it, and how many of it."""

    state: State
    count: int

    @property
    def look(self) -> str:
        return LOOKS[self.state][0]

    @property
    def icon(self) -> str:
        return LOOKS[self.state][1]

    @property
    def word(self) -> str:
        return str(LOOKS[self.state][2])


@dataclass(frozen=True)
class Cell:
    """One day of one source."""

    day: date
    counts: Mapping[State, int]
    last: State | None
    """What came last that day: a failure that was made good counts as done."""

    @property
    def signs(self) -> list[Sign]:
        return [Sign(state, self.counts[state]) for state in State if self.counts.get(state)]


@dataclass(frozen=True)
class Line:
    row: Row
    name: str
    cells: Sequence[Cell]

    @property
    def trouble(self) -> tuple[int, ...]:
        """To sort by: days that failed, then those missed, then those not whole."""
        ends = Counter(cell.last for cell in self.cells)
        return tuple(-ends[state] for state in State)


@dataclass(frozen=True)
class Grid:
    days: Sequence[date]
    lines: Sequence[Line]


def grid(found: Iterable[Outcome], first: date, last: date, rows: Sequence[tuple[Row, str]] = ()) -> Grid:
    """A line for each of these rows, in their order; where none are given, for each that something is told of."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    told: dict[Row, dict[date, list[State]]] = defaultdict(lambda: defaultdict(list))
    names: dict[Row, str] = {}
    zone = timezone.get_current_timezone()
    for one in found:
        names[one.row] = one.name
        told[one.row][one.at.astimezone(zone).date()].append(one.state)
    wanted = rows or list(names.items())
    lines = [Line(row, name, [_cell(day, told[row].get(day, ())) for day in days]) for row, name in wanted]
    return Grid(days, lines if rows else sorted(lines, key=lambda line: (line.trouble, line.name.casefold())))


def _cell(day: date, states: Sequence[State]) -> Cell:
    return Cell(day, Counter(states), states[-1]) if states else Cell(day, {}, None)


@dataclass(frozen=True)
class Square:
    """A day on the wall calendar: how many sources ended it in each state."""

    day: date
    is_inside: bool
    is_today: bool
    is_future: bool
    signs: Sequence[Sign] = field(default=())


def wall(whole: Grid, month: date, today: date) -> list[list[Square]]:
    """The weeks of a month, from Monday on."""
    counts: dict[date, Counter[State]] = defaultdict(Counter)
    for line in whole.lines:
        for cell in line.cells:
            if cell.last:
                counts[cell.day][cell.last] += 1

    def square(day: date) -> Square:
        signs = [Sign(state, counts[day][state]) for state in State if counts[day][state]]
        return Square(day, day.month == month.month, day == today, day > today, signs)

    return [[square(day) for day in week] for week in calendar.Calendar().monthdatescalendar(month.year, month.month)]
