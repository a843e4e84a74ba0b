"""When visits are due, and what became of them. Plain dates in, plain dates out; `today` is always given."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.expressions import Environment
from ecrf.engine.items import Event
from ecrf.engine.state import Values
from ecrf.engine.surroundings import typed_values

EARLIEST, LATEST = date(1, 1, 1), date(9999, 12, 31)


class State(StrEnum):
    """What there is to say of a visit today."""

    NO_DATE = "no_date"
    """It counts from a day that isn't known yet."""
    NOT_DUE = "not_due"
    OPEN = "open"
    """Its window is open, its day is still to come."""
    DUE = "due"
    """Its day has come, its window is still open."""
    OVERDUE = "overdue"
    DONE = "done"
    """Done within its window, or where it has none."""
    OUTSIDE = "outside"
    """Done, but not within its window."""
    UNDATED = "undated"
    """Something was entered, without the day on which it took place."""
    NOT_DONE = "not_done"
    """Somebody said why it will not take place."""
    SKIPPED = "skipped"
    """Its window is past and a later visit has taken place."""


HAPPENED = frozenset({State.DONE, State.OUTSIDE, State.UNDATED})
AWAITED = frozenset({State.OPEN, State.DUE, State.OVERDUE})


@dataclass(frozen=True)
class Known:
    """What is known of one visit besides the form: what took place, and what somebody set by hand."""

    actual: date | None = None
    planned: date | None = None
    entered: bool = False
    not_done: bool = False


@dataclass(frozen=True)
class Slot:
    """One visit of a subject: its day, its window (both ends belong to it), and whether a later one came before it."""

    event: str
    instance: int = 1
    due: date | None = None
    opens: date | None = None
    closes: date | None = None
    passed_over: bool = False


@dataclass(frozen=True)
class Course:
    """A subject's way through a study, as far as its dates depend on it."""

    included: date
    now: datetime
    randomised: date | None = None
    arm: str = ""
    known: Mapping[tuple[str, int], Known] = field(default_factory=dict)
    """By event and instance."""
    values: Mapping[str, Values] = field(default_factory=dict)
    """What is stored at the first instance of each event."""


def reads_values(definition: Definition) -> bool:
    """Whether dates of visits depend on what was entered."""
    return any(event.start or event.condition or "date" in event.spec for event in definition.events.values())


def date_of(definition: Definition, event: str, values: Values) -> date | None:
    """The day on which a visit took place, where the form asks it."""
    key = definition.events[event].spec.get("date", "")
    found = typed_values(definition, {key: values[key]}).get(key) if key in values else None
    return found.date() if isinstance(found, datetime) else found


def plan(definition: Definition, course: Course) -> list[Slot]:
    """Every visit that this subject has, in the order of the form: those planned, and those that were added."""
    typed = {event: typed_values(definition, values) for event, values in course.values.items()}
    days: dict[str, date | None] = {}
    found: list[Slot] = []
    for key, event in definition.events.items():
        kept = sorted(instance for name, instance in course.known if name == key)
        if event.spec.get("kind") == "common" or (not kept and not is_asked(definition, event, course, typed)):
            continue
        if is_scheduled(event):
            kept = sorted({1, *kept})
        found += [slot(definition, key, instance, course, typed, days) for instance in kept]
    return with_passed_over(found, course)


def is_scheduled(event: Event) -> bool:
    return bool(event.spec.get("kind", "scheduled") == "scheduled")


def is_asked(definition: Definition, event: Event, course: Course, typed: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the subject has this visit: it is of his arm, and its condition holds or isn't known yet."""
    if not is_scheduled(event) or not event.is_of(course.arm):
        return False
    return event.condition is None or event.condition(environment(definition, event.key, course, typed)) is not False


def slot(
    definition: Definition,
    key: str,
    instance: int,
    course: Course,
    typed: Mapping[str, Mapping[str, Any]],
    days: dict[str, date | None],
) -> Slot:
    event, known = definition.events[key], course.known.get((key, instance), Known())
    due = known.planned or (day_of(definition, key, course, typed, days) if instance == 1 else None)
    if due is None:
        return Slot(key, instance)
    windowed = "before" in event.spec or "after" in event.spec
    opens = moved(due, -event.spec.get("before", 0)) if windowed else None
    closes = moved(due, event.spec.get("after", 0)) if windowed else None
    return Slot(key, instance, due, opens, closes)


def day_of(
    definition: Definition,
    key: str,
    course: Course,
    typed: Mapping[str, Mapping[str, Any]],
    days: dict[str, date | None],
) -> date | None:
    """The day on which the form wants a visit, or nothing: it has no day, or what it counts from isn't known."""
    if key in days:
        return days[key]
    days[key] = None  # a ring of visits that count from each other has no day
    event = definition.events[key]
    if not is_scheduled(event) or "day" not in event.spec:
        return None
    start: date | None = course.included
    if event.start is not None:
        told = event.start(environment(definition, key, course, typed))
        start = told.date() if isinstance(told, datetime) else told
    elif event.spec.get("after_randomisation"):
        start = course.randomised
    elif before := event.spec.get("after_visit"):
        known = course.known.get((before, 1), Known())
        start = known.actual or known.planned or day_of(definition, before, course, typed, days)
    days[key] = moved(start, event.spec["day"]) if start is not None else None
    return days[key]


def environment(
    definition: Definition, key: str, course: Course, typed: Mapping[str, Mapping[str, Any]]
) -> Environment:
    """A name alone means the answer of the visit itself, else the first one of the study that has it."""
    order = [key, *(other for other in definition.events if other != key)]
    return Environment(
        values=ChainMap(*({**typed.get(name, {})} for name in order)),
        today=course.now.date(),
        now=course.now,
        arm=course.arm,
        event=key,
        others=typed,
        earlier=tuple(name for name in definition.events if name in typed and name != key),
    )


def with_passed_over(slots: Sequence[Slot], course: Course) -> list[Slot]:
    """Those that a later planned visit came before."""
    found: list[Slot] = []
    later = False
    for one in reversed(slots):
        known = course.known.get((one.event, one.instance), Known())
        happened = known.actual is not None or known.entered
        passed = later and not happened
        found.append(Slot(one.event, one.instance, one.due, one.opens, one.closes, passed) if passed else one)
        later = later or (happened and one.due is not None)
    return found[::-1]


def moved(day: date, by: int) -> date:
    """So many days later; what no calendar holds ends at its edge."""
    try:
        return day + timedelta(days=by)
    except OverflowError:
        return LATEST if by > 0 else EARLIEST


def state_of(
    today: date,
    *,
    due: date | None,
    opens: date | None,
    closes: date | None,
    known: Known,
    passed_over: bool = False,
) -> State:
    """A visit without a window is due from its day on: it is never overdue, and never done outside."""
    if known.actual is not None:
        outside = (opens and known.actual < opens) or (closes and known.actual > closes)
        return State.OUTSIDE if outside else State.DONE
    if known.not_done:
        return State.NOT_DONE
    if known.entered:
        return State.UNDATED
    if due is None:
        return State.NO_DATE
    if passed_over and today > (closes or due):
        return State.SKIPPED
    if closes is not None and today > closes:
        return State.OVERDUE
    if today >= due:
        return State.DUE
    return State.OPEN if opens is not None and today >= opens else State.NOT_DUE
