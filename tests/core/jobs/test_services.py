"""Asking for long work, stopping it, trying it again."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from core import access, jobs
from core.access import services as access_services
from core.access.demo import World
from core.access.models import Membership
from core.audit.models import Event
from core.errors import Conflict
from core.jobs import execution
from core.jobs.models import Job
from tests.core.jobs.conftest import Declare


def test_a_key_keeps_the_same_work_from_being_done_twice_at_once(world: World, declare: Declare) -> None:
    """Asked again with the same key, the owner gets the job that is under way, and after it a new one."""
    name, owner = declare(lambda run: None), world.user["owner"]
    first = jobs.submit(owner, name, project=world.project, unique="form 1")
    assert jobs.submit(owner, name, project=world.project, unique="form 1") == first
    assert jobs.submit(owner, name, project=world.project, unique="form 2") != first
    execution.execute(first.pk, threaded=False)
    assert jobs.submit(owner, name, project=world.project, unique="form 1") != first


def test_the_same_work_of_somebody_else_is_told(world: World, declare: Declare) -> None:
    """One doesn't get another person's job: one is told that the work is under way."""
    name = declare(lambda run: None)
    jobs.submit(world.user["owner"], name, project=world.project, unique="form 1")
    with pytest.raises(Conflict):
        jobs.submit(world.user["member"], name, project=world.project, unique="form 1")


def test_the_database_holds_the_key(world: World, declare: Declare) -> None:
    """Two submitters who both saw no live job can't both write one."""
    job = jobs.submit(world.user["owner"], declare(lambda run: None), project=world.project, unique="k")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(task=job.task, project=world.project, owner=job.owner, unique="k", queue="default")


def test_work_that_needs_a_permission_is_refused_without_it(world: World, declare: Declare) -> None:
    """A task may name the permission it needs: who has it not can't ask for it."""
    name = declare(lambda run: None, needs="access.manage_members")
    with pytest.raises(access.Refused):
        jobs.submit(world.user["member"], name, project=world.project)


def test_a_waiting_job_is_cancelled_at_once(world: World, declare: Declare) -> None:
    """What nobody has taken up ends when its owner says so, and is not done any more."""
    owner = world.user["owner"]
    job = jobs.submit(owner, declare(lambda run: None), project=world.project)
    assert jobs.cancel(owner, job).state == "cancelled"
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("cancelled", 0)


def test_a_running_job_stops_at_its_next_report(world: World, declare: Declare) -> None:
    """Cancelling is cooperative: the task hears it when it reports, and nothing after that is done."""

    def work(run: jobs.Run) -> None:
        run.progress(1, 10)
        jobs.cancel(world.user["owner"], run.job)
        run.progress(2, 10)
        raise AssertionError("it went on")

    job = jobs.submit(world.user["owner"], declare(work), project=world.project)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.cancel_asked_at is not None) == ("cancelled", True)
    assert Event.objects.get(action="jobs.job_cancel_asked").actor_id == world.user["owner"].pk
    assert Event.objects.get(action="jobs.job_cancelled").actor_id is None


def test_what_has_ended_is_not_cancelled(world: World, declare: Declare) -> None:
    """A job that is done stays done."""
    owner = world.user["owner"]
    job = jobs.submit(owner, declare(lambda run: None), project=world.project)
    execution.execute(job.pk, threaded=False)
    with pytest.raises(Conflict):
        jobs.cancel(owner, job)


@pytest.mark.parametrize(("who", "may"), [("member", True), ("owner", True), ("researcher", False), ("monitor", False)])
def test_who_may_stop_a_job(world: World, declare: Declare, who: str, may: bool) -> None:
    """Its owner and the managers of the project, nobody else; the journal names who did."""
    job = jobs.submit(world.user["member"], declare(lambda run: None), project=world.project)
    if may:
        assert jobs.cancel(world.user[who], job).state == "cancelled"
        assert Event.objects.get(action="jobs.job_cancelled").actor_id == world.user[who].pk
    else:
        with pytest.raises(access.Refused):
            jobs.cancel(world.user[who], job)


def test_a_failed_job_is_tried_again(world: World, declare: Declare) -> None:
    """A retry has as many attempts as a new job, and keeps the number of the old one."""
    fails = [True, True, False]

    def work(run: jobs.Run) -> None:
        if fails.pop(0):
            raise RuntimeError

    owner = world.user["owner"]
    job = jobs.submit(owner, declare(work, retries=0), project=world.project)
    for state in ("failed", "failed", "done"):
        execution.execute(job.pk, threaded=False)
        job.refresh_from_db()
        assert job.state == state
        if state == "failed":
            job = jobs.retry(owner, job)
    assert job.attempts == 3


def test_what_is_done_is_not_tried_again(world: World, declare: Declare) -> None:
    """Only what failed or was cancelled can be tried again."""
    owner = world.user["owner"]
    job = jobs.submit(owner, declare(lambda run: None), project=world.project)
    execution.execute(job.pk, threaded=False)
    with pytest.raises(Conflict):
        jobs.retry(owner, job)


def test_a_retry_yields_to_its_twin(world: World, declare: Declare) -> None:
    """While the same work is under way in another job, the old one is not tried again."""
    owner, name = world.user["owner"], declare(lambda run: None)
    old = jobs.cancel(owner, jobs.submit(owner, name, project=world.project, unique="k"))
    jobs.submit(owner, name, project=world.project, unique="k")
    with pytest.raises(Conflict):
        jobs.retry(owner, old)


def test_removing_a_member_stops_his_jobs_at_once(
    world: World, declare: Declare, django_capture_on_commit_callbacks: object
) -> None:
    """His waiting jobs are cancelled, his running ones asked to stop; those of others go on."""
    name = declare(lambda run: None)
    member, owner = world.user["member"], world.user["owner"]
    waiting = jobs.submit(member, name, project=world.project)
    running = jobs.submit(member, name, project=world.project)
    other = jobs.submit(owner, name, project=world.project)
    assert execution.take(running.pk) is not None
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        access_services.end_membership(owner, Membership.objects.get(user=member))
    states = dict(Job.objects.values_list("pk", "state"))
    assert (states[waiting.pk], states[running.pk], states[other.pk]) == ("cancelled", "running", "waiting")
    running.refresh_from_db()
    assert running.cancel_asked_at is not None
    assert running.error
