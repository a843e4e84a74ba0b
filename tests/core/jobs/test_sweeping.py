"""What got stuck is found: dead workers, lost messages, people who left, time that is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core import jobs
from core.access.demo import World
from core.access.models import Membership
from core.jobs import clock, execution, sending, sweeping
from core.jobs.models import Job
from core.jobs.timing import TIMING
from tests.core.jobs.conftest import Declare


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test remembers the clocks of another."""
    monkeypatch.setattr(clock, "_last", None)
    monkeypatch.setattr(clock, "_jumped_at", float("-inf"))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The ids that are sent, to queues that are empty."""
    ids: list[Any] = []

    def send(job: Job) -> bool:
        ids.append(job.pk)
        Job.objects.filter(pk=job.pk).update(sent_at=timezone.now())
        return True

    monkeypatch.setattr(sending, "send", send)
    monkeypatch.setattr(sending, "queue_length", lambda queue: 0)
    return ids


@pytest.fixture
def dead(world: World, declare: Declare) -> Job:
    """A job whose worker was killed a while ago."""
    job = jobs.submit(world.user["member"], declare(lambda run: None), project=world.project)
    assert execution.take(job.pk) is not None
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    return job


def test_a_dead_workers_job_is_given_to_another(dead: Job, sent: list[Any]) -> None:
    """Once the lease has run out the job waits again, and its id is sent."""
    sweeping.sweep()
    dead.refresh_from_db()
    assert (dead.state, sent) == ("waiting", [dead.pk])
    execution.execute(dead.pk, threaded=False)
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.lines.count()) == ("done", 2, 1)


def test_just_after_the_clock_has_jumped_no_lease_is_judged(
    dead: Job, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the time of a lease, until every worker that lives has renewed its own; then it goes to another."""
    clock.is_steady()
    passed = clock.time.monotonic
    monkeypatch.setattr(clock.time, "monotonic", lambda: passed() + 3600)  # as if the other clock had been put back
    sweeping.sweep()
    dead.refresh_from_db()
    assert dead.state == Job.State.RUNNING
    monkeypatch.setattr(clock, "_jumped_at", float("-inf"))
    sweeping.sweep()
    dead.refresh_from_db()
    assert dead.state == Job.State.WAITING


def test_a_lease_given_before_the_clock_was_put_back_is_over(dead: Job, sent: list[Any]) -> None:
    """A lease that runs for longer than any is given was of another time: its worker, if it lived, had renewed it."""
    Job.objects.update(lease_until=timezone.now() + timedelta(hours=3))
    sweeping.sweep()
    dead.refresh_from_db()
    assert dead.state == Job.State.WAITING


def test_a_living_workers_job_is_left_alone(dead: Job, sent: list[Any]) -> None:
    """While the lease holds, nothing is done."""
    Job.objects.update(lease_until=timezone.now() + TIMING.lease)
    sweeping.sweep()
    dead.refresh_from_db()
    assert (dead.state, sent) == ("running", [])


def test_a_job_that_kills_its_workers_ends(dead: Job, sent: list[Any]) -> None:
    """After its last attempt a job whose workers die has failed, rather than going on for ever."""
    Job.objects.update(attempts=3)
    sweeping.sweep()
    dead.refresh_from_db()
    assert (dead.state, sent) == ("failed", [])


def test_a_job_killed_for_its_time_is_not_tried_again(dead: Job, sent: list[Any]) -> None:
    """A worker killed because the limit was passed leaves a job that took too long."""
    Job.objects.update(started_at=timezone.now() - timedelta(hours=2))
    sweeping.sweep()
    dead.refresh_from_db()
    assert dead.state == "failed"


def test_a_job_interrupted_for_long_is_taken_up_again(dead: Job, sent: list[Any]) -> None:
    """While the whole machine was off nothing ran, so nothing took too long."""
    long_ago = timezone.now() - timedelta(days=1)
    Job.objects.update(started_at=long_ago, lease_until=long_ago + timedelta(minutes=5))
    sweeping.sweep()
    dead.refresh_from_db()
    assert (dead.state, sent) == ("waiting", [dead.pk])


def test_a_dead_workers_job_that_was_to_stop_has_stopped(dead: Job, sent: list[Any]) -> None:
    """Nobody takes up what was being cancelled."""
    Job.objects.update(cancel_asked_at=timezone.now())
    sweeping.sweep()
    dead.refresh_from_db()
    assert dead.state == "cancelled"


def test_an_id_that_valkey_lost_is_sent_again(world: World, declare: Declare, sent: list[Any]) -> None:
    """A job that waits while its queue is empty is sent again, and not a second time right after."""
    job = jobs.submit(world.user["owner"], declare(lambda run: None), project=world.project)
    Job.objects.update(sent_at=timezone.now() - timedelta(seconds=11))
    sweeping.sweep()
    sweeping.sweep()
    assert sent == [job.pk]


def test_a_long_queue_is_not_sent_twice(
    world: World, declare: Declare, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While ids wait in the queue, a job that waits long is only waiting for its turn."""
    jobs.submit(world.user["owner"], declare(lambda run: None), project=world.project)
    Job.objects.update(sent_at=timezone.now() - timedelta(hours=3))
    monkeypatch.setattr(sending, "queue_length", lambda queue: 7)
    sweeping.sweep()
    assert sent == []


def test_a_job_that_pauses_after_an_error_is_sent_when_it_is_due(
    world: World, declare: Declare, sent: list[Any]
) -> None:
    """The pause is kept, then the id is sent."""
    job = jobs.submit(world.user["owner"], declare(lambda run: None), project=world.project)
    Job.objects.update(not_before=timezone.now() + timedelta(minutes=1), sent_at=None)
    sweeping.sweep()
    assert sent == []
    Job.objects.update(not_before=timezone.now())
    sweeping.sweep()
    assert sent == [job.pk]


def test_a_membership_that_ran_out_stops_the_jobs(world: World, declare: Declare, sent: list[Any]) -> None:
    """No signal tells that a date has passed: the sweeper looks."""
    job = jobs.submit(world.user["member"], declare(lambda run: None), project=world.project)
    Membership.objects.filter(user=world.user["member"]).update(ends_at=timezone.now())
    sweeping.sweep()
    job.refresh_from_db()
    assert (job.state, sent) == ("cancelled", [])
