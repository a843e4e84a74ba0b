"""Which snapshots a policy keeps, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backup.engine.keeping.durations import Duration
from backup.engine.keeping.retention import (
    ALL,
    BY,
    Decision,
    Fact,
    GroupEmptied,
    Policy,
    PolicyEmpty,
    count,
    decide,
)

WRITER = bytes(16)
DAY = 24 * 3600 * 10**9
PARIS = ZoneInfo("Europe/Paris")
NOW = int(datetime(2030, 1, 1, tzinfo=UTC).timestamp()) * 10**9
RESTIC = json.loads((Path(__file__).parent / "restic_policies.json").read_text())


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


def ns(moment: datetime) -> int:
    return int(moment.timestamp() * 10**6) * 1000


def fact(moment: datetime | int, number: int = 1, **changes: Any) -> Fact:
    time = moment if isinstance(moment, int) else ns(moment)
    return replace(Fact(number.to_bytes(32, "big"), WRITER, number, "docs", "host", (), (), time, time), **changes)


def row(moments: Iterable[datetime]) -> list[Fact]:
    return [fact(moment, number) for number, moment in enumerate(moments, 1)]


def days(*dates: tuple[int, int, int]) -> list[Fact]:
    return row(at(*date) for date in dates)


def decisions(facts: list[Fact], policy: Policy, **options: Any) -> dict[int, Decision]:
    groups = decide(facts, policy, now=options.pop("now", NOW), **options)
    return {one.fact.sequence: one for group in groups for one in group.decisions}


def kept(facts: list[Fact], policy: Policy, **options: Any) -> set[int]:
    return {number for number, one in decisions(facts, policy, **options).items() if one.kept}


# Against restic


def restic_policy(given: dict[str, Any]) -> Policy:
    spans = {name: Duration.parse(value) for name, value in given.items() if name.startswith("within")}
    tags = tuple(frozenset(tags) for tags in given.get("tags", ()))
    return Policy(**{name: value for name, value in given.items() if name != "tags"} | spans, tags=tags)


@pytest.mark.parametrize("case", RESTIC["cases"][1:], ids=lambda case: str(case["policy"]))
def test_restics_own_examples(case: dict[str, Any]) -> None:
    """Each of restic's recorded policies keeps the very same of its 103 snapshots."""
    total = len(RESTIC["snapshots"])
    facts = [
        fact(
            datetime.fromisoformat(f"{time:0<26}+00:00" if "." in time else f"{time}+00:00"),
            total - number,
            tags=tuple(tags),
        )
        for number, (time, *tags) in enumerate(RESTIC["snapshots"])
    ]
    assert kept(facts, restic_policy(case["policy"])) == {total - number for number in case["kept"]}


# Against borg


def test_quarters_by_the_calendar() -> None:
    """Quarterly keeps the newest of each three months; borg's example, worked by hand."""
    dates = [(2020, 12, 6), (2021, 1, 3), (2021, 3, 28), (2021, 4, 25), (2021, 6, 27), (2021, 7, 4), (2021, 9, 26)]
    facts = days(*dates, (2021, 10, 3), (2021, 12, 26), (2022, 1, 2))
    assert kept(facts, Policy(quarterly=99)) == {1, 3, 5, 7, 9, 10}


def test_quarters_by_weeks() -> None:
    """Thirteen-weekly keeps the newest of ISO weeks 1 to 13, 14 to 26, 27 to 39 and the rest; borg's example."""
    dates = [(2020, 12, 6), (2021, 1, 3), (2021, 3, 28), (2021, 4, 25), (2021, 6, 27), (2021, 7, 4), (2021, 9, 26)]
    facts = days(*dates, (2021, 10, 3), (2021, 12, 26), (2022, 1, 2))
    found = decisions(facts, Policy(thirteen_weekly=99))
    assert {number for number, one in found.items() if one.kept} == {1, 2, 3, 6, 8, 10}
    assert found[1].reasons == ("oldest thirteen weekly",)


def test_the_oldest_stays_until_the_rule_is_fulfilled() -> None:
    """While the months asked for aren't there yet, the oldest snapshot stands for them; then it goes (after borg)."""
    facts = [fact(at(2020, 9, 1, 11, 15), 1)]
    for day in range(37):
        facts.append(fact(at(2020, 9, 1, 12) + timedelta(day), day + 2))
        found = decisions(facts, Policy(daily=7, monthly=2))
        facts = [one for one in facts if found[one.sequence].kept]
        if 1 < day < 30:
            assert found[1].reasons[-1] == "oldest monthly"
    assert facts[0].received == ns(at(2020, 9, 30, 12))


@pytest.mark.parametrize(
    ("unit", "most", "expected"),
    [
        ("yearly", 3, {13, 2, 1}),
        ("monthly", 3, {13, 8, 4}),
        ("weekly", 2, {13, 8}),
        ("daily", 3, {13, 8, 7}),
        ("hourly", 3, {13, 10, 8}),
        ("last", 4, {13, 12, 11, 10}),
        ("daily", ALL, {13, 8, 7, 6, 5, 4, 3, 2, 1}),
    ],
)
def test_each_unit(unit: str, most: int, expected: set[int]) -> None:
    """Each unit keeps the newest of each of its spans, as many as asked; borg's table."""
    facts = days((2015, 1, 1), (2016, 1, 1), (2017, 1, 1), (2017, 2, 1), (2017, 3, 1), (2017, 3, 2), (2017, 3, 3))
    facts += [
        fact(at(*moment), number)
        for number, moment in enumerate(
            [
                (2017, 3, 4, 0, 0, 0),
                (2017, 10, 1, 9, 45, 0),
                (2017, 10, 1, 9, 55, 0),
                (2017, 10, 1, 10, 0, 1),
                (2017, 10, 1, 10, 0, 3),
                (2017, 10, 1, 10, 0, 5),
            ],
            8,
        )
    ]
    assert kept(facts, Policy(**{unit: most})) == expected


# Values


def test_counts_as_people_write_them() -> None:
    """A count is a number, or unlimited; nothing else passes for one (restic: ForgetPolicyValues)."""
    assert [count(text) for text in ("0", "1", "unlimited")] == [0, 1, ALL]
    for text in ("", "-1", "abc", "1.5", "²", " 1"):
        with pytest.raises(ValueError, match="no count"):
            count(text)


@pytest.mark.parametrize("unit", ["last", "hourly", "daily", "weekly", "monthly", "quarterly", "yearly"])
def test_negative_counts_are_refused(unit: str) -> None:
    """Of the negative numbers only -1 means something: all."""
    assert getattr(Policy(**{unit: -1}), unit) == ALL
    with pytest.raises(ValueError, match=unit):
        Policy(**{unit: -2})


def test_spans_as_people_write_them() -> None:
    """A span is made of counts and units, each unit once, in any order, and never negative."""
    assert Duration.parse("1y6m30d12h") == Duration(years=1, months=6, days=30, hours=12)
    assert Duration.parse("2w") == Duration(weeks=2)
    assert str(Duration.parse("1y6m")) == "1 year 6 months"
    for text in ("", "30", "d", "-3d", "1y-2m", "3d3d", "1.5d", "3 d", "3s"):
        with pytest.raises(ValueError, match="no span"):
            Duration.parse(text)


def test_spans_are_counted_on_the_calendar() -> None:
    """A month back from the 31st is the last day of a shorter month; what lies before all time is its beginning."""
    assert Duration.parse("1m").before(at(2023, 3, 31)) == at(2023, 2, 28)
    assert Duration.parse("1y").before(at(2024, 2, 29)) == at(2023, 2, 28)
    for text in ("9999y", "999999d", "999999m", "999999w"):
        assert Duration.parse(text).before(datetime(2024, 2, 29, tzinfo=PARIS)).year == 1


# The safety net


def test_an_empty_policy_is_refused() -> None:
    """Who says nothing of what is to stay hasn't said that all is to go."""
    with pytest.raises(PolicyEmpty):
        decide(days((2024, 1, 1)), Policy(), now=NOW)
    with pytest.raises(PolicyEmpty):
        decide(days((2024, 1, 1)), Policy(within=Duration()), now=NOW)


def test_no_group_is_emptied_unasked() -> None:
    """A policy that no snapshot of a group fits is refused, with the group's name, unless that is what is wanted."""
    facts = [*days((2024, 1, 1), (2024, 1, 2)), fact(at(2024, 1, 3), 3, source="mail", tags=("good",))]
    policy = Policy(tags=(frozenset({"good"}),))
    with pytest.raises(GroupEmptied, match="source docs"):
        decide(facts, policy, now=NOW)
    assert kept(facts, policy, empty_groups=True) == {3}


def test_doubtful_snapshots_dont_fill_an_emptied_group() -> None:
    """What is left of a group must be more than snapshots whose time nobody believes."""
    facts = [fact(at(2024, 1, 1), 1), fact(at(2024, 1, 2), 2, claimed=ns(at(2020, 1, 1)))]
    with pytest.raises(GroupEmptied):
        decide(facts, Policy(tags=(frozenset({"none"}),)), now=NOW)


# Groups


def test_another_writers_snapshots_never_count() -> None:
    """A writer that adds snapshots under another's source and host makes none of the other's go."""
    good = days(*((2024, 1, day) for day in range(1, 11)))
    fakes = [fact(at(2024, 2, 1) + timedelta(hours=n), 100 + n, writer=b"another writer!!") for n in range(50)]
    assert kept(good + fakes, Policy(daily=7)) & set(range(1, 11)) == kept(good, Policy(daily=7)) == set(range(4, 11))


@pytest.mark.parametrize("by", BY)
def test_groups(by: str) -> None:
    """Snapshots that differ in what groups are made by are counted apart; else they aren't."""
    changes = {"source": "mail", "host": "other", "paths": (b"/var",), "tags": ("weekly",)}
    facts = [fact(at(2024, 1, 1), 1), fact(at(2024, 1, 2), 2, **{by: changes[by]})]
    assert kept(facts, Policy(last=1), by={by}) == {1, 2}
    assert kept(facts, Policy(last=1), by=set(BY) - {by}) == {2}


def test_groups_of_paths_need_no_order() -> None:
    """The same paths or tags in another order make the same group; two paths aren't one with a space in it."""
    facts = [
        fact(at(2024, 1, 1), 1, paths=(b"/a", b"/b"), tags=("x", "y")),
        fact(at(2024, 1, 2), 2, paths=(b"/b", b"/a"), tags=("y", "x")),
        fact(at(2024, 1, 3), 3, paths=(b"/a /b",), tags=("x y",)),
    ]
    assert kept(facts, Policy(last=1), by=BY) == {2, 3}
    with pytest.raises(ValueError, match="colour"):
        decide(facts, Policy(last=1), now=NOW, by={"colour"})


# Reasons


def test_every_decision_tells_its_reasons() -> None:
    """What stays says by which rules, with its number in each; what goes has none."""
    facts = days((2024, 1, 1), (2024, 2, 10), (2024, 2, 11))
    facts[0] = replace(facts[0], tags=("release",), held=True)
    found = decisions(
        facts, Policy(last=1, daily=1, monthly=2, within=Duration(days=1), tags=(frozenset({"release"}),))
    )
    assert found[3].reasons == ("last 1", "daily 1", "monthly 1", "within 1 day")
    assert found[2] == Decision(facts[1], kept=False, reasons=())
    assert found[1].reasons == ("held", "tag release", "monthly 2")


def test_held_snapshots_stay_and_count() -> None:
    """A held snapshot stays whatever the policy says, and takes its place among those that stay."""
    facts = days((2024, 1, 1), (2024, 1, 2), (2024, 1, 3))
    facts[2] = replace(facts[2], held=True)
    assert kept(facts, Policy(last=1)) == {3}
    assert kept([replace(one, held=one.sequence == 1) for one in facts], Policy(last=1)) == {1, 3}


# Times


def test_same_second() -> None:
    """Two snapshots of one second are two: the later of the row is the newer, and both can stay."""
    facts = [fact(at(2024, 1, 1, 12), number) for number in (2, 3, 1)]
    assert kept(facts, Policy(last=2)) == {2, 3}
    assert kept(facts, Policy(hourly=1)) == {3}


def test_days_are_those_of_the_time_zone() -> None:
    """A snapshot of half past midnight in Paris belongs to that day, though in UTC it is still the day before."""
    facts = row([at(2024, 6, 1, 12), at(2024, 6, 1, 22, 30)])
    assert kept(facts, Policy(daily=2), zone=PARIS) == {1, 2}
    found = decisions(facts, Policy(daily=1), zone=UTC)
    assert (found[1].kept, found[2].kept) == (False, True)


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    """On the night summer time ends, half past two in Paris comes twice: both hours have their snapshot."""
    facts = row([at(2024, 10, 27, hour, 30) for hour in (0, 1)])
    assert [datetime.fromtimestamp(one.received // 10**9, PARIS).hour for one in facts] == [2, 2]
    assert kept(facts, Policy(hourly=2), zone=PARIS) == {1, 2}
    found = decisions(facts, Policy(hourly=2), zone=PARIS)
    assert found[1].reasons == ("hourly 2",)


@pytest.mark.parametrize("start", [at(2024, 3, 25, 12), at(2024, 10, 21, 12)])
def test_days_of_23_and_25_hours_are_days(start: datetime) -> None:
    """Across both changes of the clock one snapshot of each day in Paris stays, whichever hour it was taken at."""
    facts = row(start + timedelta(hours=6 * step) for step in range(4 * 14))
    found = kept(facts, Policy(daily=14), zone=PARIS)
    dates = {datetime.fromtimestamp(facts[number - 1].received // 10**9, PARIS).date() for number in found}
    assert len(found) == len(dates) == 14


def test_a_span_across_the_change_of_the_clock() -> None:
    """A day back from noon is noon, also over the night that has 25 hours; 24 hours back is one o'clock."""
    noon = datetime(2024, 10, 27, 12, tzinfo=PARIS)
    assert Duration(days=1).before(noon) == datetime(2024, 10, 26, 12, tzinfo=PARIS)
    assert Duration(hours=24).before(noon) == datetime(2024, 10, 26, 13, tzinfo=PARIS)


# Times that nobody believes


def test_future_dated_snapshots_make_nothing_go() -> None:
    """Fifty snapshots dated into the future leave every good one where it was, and stay to be seen."""
    good = days(*((2024, 1, day) for day in range(1, 11)))
    fakes = [fact(at(2024, 1, 11), 100 + n, claimed=ns(at(2031, 1, 1 + n % 28))) for n in range(50)]
    policy = Policy(daily=7, within=Duration(days=30))
    found = decisions(good + fakes, policy, now=ns(at(2024, 1, 12)))
    assert {number for number, one in found.items() if not one.kept} == set()
    assert kept(good + fakes, Policy(daily=7), now=ns(at(2024, 1, 12))) >= kept(good, Policy(daily=7))
    assert found[100].reasons == ("its time is doubtful: it lies in the future",)


def test_past_dated_snapshots_make_nothing_go() -> None:
    """A snapshot that claims another day than the store received it on fills no day's place."""
    good = days(*((2024, 1, day) for day in range(1, 11)))
    fakes = [fact(at(2024, 1, 11, n % 24), 100 + n, claimed=ns(at(2023, 1, 1))) for n in range(30)]
    assert kept(good + fakes, Policy(daily=3)) == {8, 9, 10} | {one.sequence for one in fakes}


def test_a_row_that_goes_back_in_time_is_doubtful() -> None:
    """A snapshot that claims an earlier time than the one before it in its row is doubtful, and the next isn't."""
    first, second, third = days((2024, 1, 1), (2024, 1, 2), (2024, 1, 3))
    second = replace(second, before=second.claimed + 1)
    third = replace(third, before=third.claimed)
    found = decisions([first, second, third], Policy(last=1))
    assert found[2].reasons == ("its time is doubtful: it lies before that of its writer's snapshot before",)
    assert (found[1].kept, found[3].reasons) == (False, ("last 1",))


def test_a_day_is_let_pass() -> None:
    """A clock a day off, or a save that the store took hours later, is no reason for doubt; more is."""
    one = fact(at(2024, 1, 5), 1)
    for apart, doubtful in ((DAY, False), (-DAY, False), (DAY + 1000, True), (-DAY - 1000, True)):
        found = decisions([replace(one, claimed=one.received + apart)], Policy(last=1))
        assert found[1].reasons[0].startswith("its time is doubtful") is doubtful


def test_the_stores_clock_went_back() -> None:
    """What the store says it will receive tomorrow is doubtful too: nothing goes because of it."""
    good = days((2024, 1, 1), (2024, 1, 2))
    odd = fact(at(2024, 1, 9), 3)
    assert kept([*good, odd], Policy(last=1), now=ns(at(2024, 1, 3))) == {2, 3}


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.booleans(), st.integers(-3, 3)), max_size=40),
    st.fixed_dictionaries({unit: st.integers(-1, 4) for unit in ("last", "hourly", "daily", "weekly", "monthly")}),
)
def test_what_always_holds(drawn: list[tuple[int, bool, int]], counts: dict[str, int]) -> None:
    """Whatever comes: held and doubtful ones stay; more doubtful ones make nothing go; a laxer policy keeps no less."""
    facts = [
        fact(10**18 + second * 10**9, number, held=held, claimed=10**18 + second * 10**9 + days_off * DAY)
        for number, (second, held, days_off) in enumerate(drawn, 1)
    ]
    policy = Policy(**counts, yearly=1)
    now = 10**18 + 10**9 * 10**9
    found = decisions(facts, policy, now=now, empty_groups=True)
    assert found.keys() == {one.sequence for one in facts}
    for one in found.values():
        doubtful = abs(one.fact.claimed - one.fact.received) > DAY or one.fact.claimed > now
        assert one.kept == bool(one.reasons)
        assert one.kept or not (one.fact.held or doubtful)
    sound = [one for one in facts if "doubtful" not in " ".join(found[one.sequence].reasons)]
    alone = decisions(sound, policy, now=now, empty_groups=True)
    assert all(found[number] == one for number, one in alone.items())
    more = replace(policy, last=ALL if counts["last"] == ALL else counts["last"] + 1)
    assert kept(facts, more, now=now, empty_groups=True) >= {n for n, one in found.items() if one.kept}
