"""Days of visits: what they count from, their windows, and what a visit is on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine import moments, schedule
from ecrf.engine.schedule import Course, Known, State

MORNING = moments.parse_datetime("2026-03-01T09:00")


def study(*events: dict[str, Any]) -> engine.Definition:
    """A study whose one page asks the day of a visit and a birth."""
    items = [{"key": key, "type": "date", "label": {"en": key}} for key in ("seen", "birth")]
    pages = [{"key": "visit", "title": {"en": "Visit"}, "groups": [{"items": items}]}]
    told = [{"title": {"en": event["key"]}, "pages": ["visit"], **event} for event in events]
    return engine.load({"format": 1, "title": {"en": "T"}, "languages": ["en"], "events": told, "pages": pages})


def days(definition: engine.Definition, **known: Any) -> dict[str, date | None]:
    course = Course(included=date(2026, 3, 1), now=MORNING, **known)
    return {slot.event: slot.due for slot in schedule.plan(definition, course)}


def test_days_count_from_the_inclusion() -> None:
    """Without anything else a day counts from the inclusion; an event without a day is not due."""
    form = study({"key": "v1", "day": 0}, {"key": "v2", "day": 30}, {"key": "free"})
    assert days(form) == {"v1": date(2026, 3, 1), "v2": date(2026, 3, 31), "free": None}


def test_days_count_from_what_is_known_later() -> None:
    """Other anchors are an item, another visit as it took place, and the randomisation; unknown, there is no day."""
    form = study(
        {"key": "v1", "day": 0, "date": "seen"},
        {"key": "born", "day": 10, "from": ["of", "v1", "birth"]},
        {"key": "next", "day": 7, "after_visit": "v1"},
        {"key": "treated", "day": 1, "after_randomisation": True},
    )
    assert days(form) == {"v1": date(2026, 3, 1), "born": None, "next": date(2026, 3, 8), "treated": None}
    known = {("v1", 1): Known(actual=date(2026, 3, 3), entered=True)}
    found = days(form, known=known, values={"v1": {"birth": "2026-01-01"}}, randomised=date(2026, 3, 4))
    assert (found["born"], found["next"], found["treated"]) == (date(2026, 1, 11), date(2026, 3, 10), date(2026, 3, 5))


def test_visits_that_count_from_each_other() -> None:
    """A ring of visits has no days, and ends."""
    assert set(
        days(study({"key": "a", "day": 1, "after_visit": "b"}, {"key": "b", "day": 1, "after_visit": "a"})).values()
    ) == {None}
    with pytest.raises(engine.Refused, match="unknown_event"):
        study({"key": "a", "day": 1, "after_visit": "a"})


@pytest.mark.parametrize(
    ("today", "known", "expected"),
    [
        ("2026-03-01", Known(), State.NOT_DUE),
        ("2026-03-08", Known(), State.OPEN),
        ("2026-03-10", Known(), State.DUE),
        ("2026-03-15", Known(), State.DUE),
        ("2026-03-16", Known(), State.OVERDUE),
        ("2026-03-16", Known(actual=date(2026, 3, 15)), State.DONE),
        ("2026-03-20", Known(actual=date(2026, 3, 16)), State.OUTSIDE),
        ("2026-03-20", Known(actual=date(2026, 3, 7)), State.OUTSIDE),
        ("2026-03-20", Known(not_done=True), State.NOT_DONE),
        ("2026-03-20", Known(entered=True), State.UNDATED),
    ],
)
def test_states(today: str, known: Known, expected: State) -> None:
    """A visit on the 10th with two days before and five after, on each side of each edge."""
    window = {"due": date(2026, 3, 10), "opens": date(2026, 3, 8), "closes": date(2026, 3, 15)}
    assert schedule.state_of(date.fromisoformat(today), **window, known=known) == expected


def test_a_visit_that_was_passed_over() -> None:
    """When a later visit has taken place, the one before it was skipped, not overdue, once its window is past."""
    form = study({"key": "v1", "day": 0, "after": 2}, {"key": "v2", "day": 30, "date": "seen"})
    course = Course(date(2026, 3, 1), MORNING, known={("v2", 1): Known(actual=date(2026, 4, 1))})
    first = schedule.plan(form, course)[0]
    assert first.passed_over
    window = {"due": first.due, "opens": first.opens, "closes": first.closes, "passed_over": True}
    assert schedule.state_of(date(2026, 4, 1), **window, known=Known()) == State.SKIPPED


def test_a_visit_without_window_and_one_moved_by_hand() -> None:
    """Without a window a visit is due from its day on, never overdue; another day by hand moves the window along."""
    nothing = {"due": date(2026, 3, 1), "opens": None, "closes": None}
    assert schedule.state_of(date(2027, 1, 1), **nothing, known=Known()) == State.DUE
    form = study({"key": "v1", "day": 0, "before": 1, "after": 2})
    moved = {("v1", 1): Known(planned=date(2026, 3, 9))}
    slot = schedule.plan(form, Course(date(2026, 3, 1), MORNING, known=moved))[0]
    assert (slot.opens, slot.closes) == (date(2026, 3, 8), date(2026, 3, 11))
