"""Work that comes again is submitted once each time it is due, whoever ticks."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core import jobs
from core.access.demo import World, build
from core.access.models import Membership
from core.access.scope import Limits
from core.errors import Invalid
from core.jobs import execution, schedules
from core.jobs.models import Job, Schedule
from tests.core.jobs.conftest import Declare


def make_due() -> None:
    Schedule.objects.update(next_at=timezone.now() - timedelta(minutes=1))


@pytest.fixture
def schedule(world: World, declare: Declare) -> Schedule:
    name = declare(lambda run: None)
    return jobs.schedule(world.user["member"], name, project=world.project, every="daily 02:30", arguments={})


def test_nothing_is_submitted_before_it_is_due(schedule: Schedule) -> None:
    """A new schedule waits for its first time."""
    assert schedules.tick() == 0


def test_what_is_due_is_submitted_once(schedule: Schedule) -> None:
    """After a tick the schedule is due at its next time; what was missed meanwhile is done once."""
    make_due()
    assert schedules.tick() == 1
    assert schedules.tick() == 0
    schedule.refresh_from_db()
    assert schedule.next_at > timezone.now()
    assert schedule.last_job == Job.objects.get()


def test_what_a_token_schedules_keeps_its_limits(world: World, declare: Declare) -> None:
    """A job that comes by a schedule set with a token acts with what the token left of its owner's rights."""
    member = world.user["member"]
    member.limits = Limits(world.project.pk, frozenset({"access.view_project"}))
    jobs.schedule(member, declare(lambda run: None), project=world.project, every="daily 02:30")
    make_due()
    assert schedules.tick() == 1
    assert Job.objects.get().permissions == ["access.view_project"]


def test_a_job_still_under_way_is_not_started_again(schedule: Schedule) -> None:
    """Work that takes longer than its rhythm does not pile up."""
    for _time in range(2):
        make_due()
        schedules.tick()
    assert Job.objects.count() == 1
    execution.execute(Job.objects.get().pk, threaded=False)
    make_due()
    schedules.tick()
    assert Job.objects.count() == 2


def test_one_that_breaks_holds_up_no_other(world: World, schedule: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't be submitted is tried again at the next tick; the others are submitted all the same."""
    other = world.user["owner"]
    jobs.schedule(other, schedule.task, project=world.project, every="daily 02:30", key="other")
    make_due()
    submit = schedules.services.submit

    def broken(actor: Any, task: str, **options: Any) -> Job:
        if actor != other:
            raise KeyError(task)
        return submit(actor, task, **options)

    with monkeypatch.context() as patched:
        patched.setattr(schedules.services, "submit", broken)
        assert schedules.tick() == 1
    assert Job.objects.get().owner == other
    assert schedules.tick() == 1


def test_setting_it_again_replaces_it(world: World, schedule: Schedule) -> None:
    """One task with one key has one schedule in a project."""
    jobs.schedule(world.user["owner"], schedule.task, project=world.project, every="every 15 min")
    assert [(row.every, row.owner) for row in Schedule.objects.all()] == [("every 15 min", world.user["owner"])]
    jobs.unschedule(world.user["owner"], schedule.task, project=world.project)
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(("every", "zone"), [("now and then", ""), ("daily 02:30", "Europe/Atlantis")])
def test_what_is_no_rhythm_is_refused(world: World, declare: Declare, every: str, zone: str) -> None:
    """A rhythm or a time zone that nobody knows is refused in words."""
    with pytest.raises(Invalid):
        jobs.schedule(
            world.user["owner"], declare(lambda run: None), project=world.project, every=every, time_zone=zone
        )


def test_a_schedule_ends_with_its_owners_rights(world: World, schedule: Schedule) -> None:
    """When its owner has left, nothing is submitted in his name any more."""
    Membership.objects.filter(user=world.user["member"]).update(ends_at=timezone.now())
    make_due()
    assert schedules.tick() == 0
    schedule.refresh_from_db()
    assert not schedule.is_active


def test_many_tickers_submit_once(transactional_db: None, declare: Declare) -> None:
    """Several schedulers may tick at the same moment: row locks let one of them through."""
    world = build()
    for number in range(5):
        name = declare(lambda run: None, f"jobs.try_{number}")
        jobs.schedule(world.user["owner"], name, project=world.project, every="daily 02:30")
    make_due()
    counts: list[Any] = []

    def tick() -> None:
        with closing(connection):
            counts.append(schedules.tick())

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 5
    assert Job.objects.count() == 5
