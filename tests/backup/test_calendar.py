"""The calendar of runs: what came of each day, in the reader's time zone, and what never came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backup import queries
from backup.engine.format import cipher
from backup.models import Agent, Plan, Run
from backup.queries import State
from backup.services import agents, plans, runs
from backup.services.options import Orders
from core.jobs import execution
from core.jobs.models import Job
from tests.backup.portal import Kept
from tests.backup.rows import snapshot

ClientOf = Callable[[str], Client]


def url(kept: Kept, name: str, *arguments: object) -> str:
    return reverse(f"backup:{name}", args=[kept.world.project.slug, *arguments])


def told(kept: Kept, first: date, last: date | None = None, now: datetime | None = None) -> list[tuple[str, str, str]]:
    """Day, state and source of each outcome."""
    found = queries.outcomes(kept.world.user["owner"], kept.world.project, first, last or first, now)
    return [(timezone.localtime(one.at).date().isoformat(), str(one.state), one.row[1]) for one in found]


def set_since(plan: Plan, moment: datetime, every: str = "daily 02:30") -> None:
    Plan.objects.filter(pk=plan.pk).update(counted_from=moment, created_at=moment, every=every)


@pytest.mark.django_db
def test_a_day_is_the_readers(kept: Kept) -> None:
    """A backup that ended at 23:30 in universal time counts for the next day in Paris."""
    set_since(kept.plan, timezone.now() + timedelta(days=400))
    snapshot(kept.repository, "pharmacy", at=datetime(2026, 3, 4, 23, 30, tzinfo=UTC))
    with timezone.override("Europe/Paris"):
        assert told(kept, date(2026, 3, 5)) == [("2026-03-05", "done", "pharmacy")]
    with timezone.override("UTC"):
        assert told(kept, date(2026, 3, 5)) == []


@pytest.mark.django_db
def test_what_came_of_each(kept: Kept) -> None:
    """Whole and not whole backups, failed jobs and runs of agents that made none are told, each once."""
    owner = kept.world.user["owner"]
    set_since(kept.plan, timezone.now() + timedelta(days=400))
    today = timezone.localdate()
    snapshot(kept.repository, "pharmacy")
    snapshot(kept.repository, "imaging", unread=3)
    kept.repository.path.rename(kept.repository.path.parent / "away")
    job = plans.run_plan(owner, kept.plan)
    assert isinstance(job, Job)
    execution.execute(job.pk, threaded=False)
    assert sorted(told(kept, today)) == [
        (today.isoformat(), "done", "pharmacy"),
        (today.isoformat(), "failed", kept.plan.row),
        (today.isoformat(), "partial", "imaging"),
    ]
    assert told(kept, today - timedelta(days=1)) == []


@pytest.mark.django_db
def test_a_turn_that_nobody_took_is_missed(kept: Kept) -> None:
    """A plan that was due, and of which nothing began within the day after, is missed on its day and on no other."""
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    set_since(kept.plan, start)
    row = kept.plan.row
    snapshot(kept.repository, row, at=datetime(2026, 5, 2, 1, tzinfo=UTC))  # 02:30 in Paris is 00:30
    snapshot(kept.repository, row, at=datetime(2026, 5, 4, 20, tzinfo=UTC))  # made up late, the same day
    now = datetime(2026, 5, 6, 0, 45, tzinfo=UTC)
    with timezone.override("Europe/Paris"):
        found = told(kept, date(2026, 5, 1), date(2026, 5, 8), now)
    assert found == [
        ("2026-05-02", "done", row),
        ("2026-05-03", "missed", row),
        ("2026-05-04", "done", row),
        ("2026-05-05", "missed", row),
    ], "and on the 6th there is still time"


@pytest.mark.django_db
@pytest.mark.parametrize(("every", "days"), [("every 15 min", 3), ("weekly mon 03:00", 1), ("monthly 2 04:00", 1)])
def test_each_rhythm_is_due_once_a_day_at_most(kept: Kept, every: str, days: int) -> None:
    """However often a plan is due, a day counts once."""
    set_since(kept.plan, datetime(2026, 5, 1, 22, tzinfo=UTC), every)
    with timezone.override("UTC"):
        found = told(kept, date(2026, 5, 2), date(2026, 5, 4), datetime(2026, 6, 1, tzinfo=UTC))
    assert [state for _day, state, _row in found] == ["missed"] * days


@pytest.mark.django_db
def test_what_goes_on_is_not_missed(kept: Kept) -> None:
    """A run of an agent that is under way isn't missed; one that failed is told under its source."""
    world, owner = kept.world, kept.world.user["owner"]
    set_since(kept.plan, timezone.now() + timedelta(days=400))
    made = agents.make_agent(owner, world.project, name="Ward", duty="save", repository=kept.repository)
    seal_to = cipher.public_half(bytes(31) + b"\x40").hex()
    agent = agents.enrol(made.code, host="ward-3", program="x", seal_to=seal_to).agent
    Agent.objects.filter(pk=agent.pk).update(key_id="ab" * 16)
    agent.refresh_from_db()
    plan = plans.create_plan(
        owner, world.project, name="Ward data", repository=kept.repository, every="daily 02:30", agent=agent,
        orders=Orders(source="ward", paths=["/srv"]),
    )  # fmt: skip
    today = timezone.localdate()
    start, _end = queries.bounds(today, today)
    set_since(plan, start - timedelta(hours=1), "every 15 min")
    run = runs.begin(agent, plan_id=plan.pk, run_id=uuid4())
    Run.objects.filter(pk=run.pk).update(started_at=start)
    late = start + timedelta(hours=20)
    assert told(kept, today, now=late) == []
    Run.objects.filter(pk=run.pk).update(state="failed", ended_at=start + timedelta(hours=2))
    assert told(kept, today, now=late) == [(today.isoformat(), "failed", "ward")]
    Run.objects.all().delete()
    assert told(kept, today, now=late) == [(today.isoformat(), "missed", "ward")]


@pytest.mark.django_db
def test_months_and_days_by_pages(kept: Kept, client_of: ClientOf) -> None:
    """A month counts its sources by what came last of them; a day lists its runs, the worst first, and by state."""
    set_since(kept.plan, datetime(2026, 3, 3, 12, tzinfo=UTC))
    Plan.objects.filter(pk=kept.plan.pk).update(ended_at=datetime(2026, 3, 4, 12, tzinfo=UTC))
    moment = datetime(2026, 3, 4, 9, tzinfo=UTC)
    snapshot(kept.repository, "pharmacy", at=moment, unread=1)
    snapshot(kept.repository, "pharmacy", at=moment + timedelta(minutes=5))
    snapshot(kept.repository, "imaging", at=moment)
    client = client_of("monitor")
    answer = client.get(url(kept, "calendar") + "?month=2026-03")
    squares = [square for week in answer.context["weeks"] for square in week if square.day == date(2026, 3, 4)]
    assert [(sign.state, sign.count) for sign in squares[0].signs] == [(State.MISSED, 1), (State.DONE, 2)]
    assert [line.name for line in answer.context["calendar"].lines] == [kept.plan.name, "imaging", "pharmacy"]
    assert url(kept, "day", "2026-03-04") in answer.content.decode()
    day = client.get(url(kept, "day", "2026-03-04"))
    assert [row["outcome"].state for row in day.context["rows"]] == ["missed", "partial", "done", "done"]
    narrowed = client.get(url(kept, "day", "2026-03-04") + "?state=partial")
    assert [row["outcome"].row[1] for row in narrowed.context["rows"]] == ["pharmacy"]
    assert client.get(url(kept, "day", "2026-02-30")).status_code == 404
    assert client.get(url(kept, "day", "yesterday")).status_code == 404
    for odd in ("2026-13", "9999-99", "0001-01", "x"):
        shown = client.get(f"{url(kept, 'calendar')}?month={odd}")
        assert shown.context["month"] == timezone.localdate().replace(day=1)
