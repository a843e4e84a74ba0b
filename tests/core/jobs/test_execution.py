"""Doing a job: taken once, settled once, tried again, stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from core import access, audit, jobs
from core.access.demo import World
from core.access.models import Membership
from core.access.scope import Limits
from core.audit.models import Event
from core.errors import Conflict, Fault, Invalid
from core.jobs import execution
from core.jobs.models import Job
from tests.core.jobs.conftest import Declare


def told(job: Job) -> list[str]:
    return list(Event.objects.filter(object_id=str(job.pk)).order_by("id").values_list("action", flat=True))


def test_a_job_is_done_once_and_its_result_kept(world: World, declare: Declare) -> None:
    """What a task returns is the job's result; doing the job again does nothing."""
    ran = []

    def work(run: jobs.Run, *, number: int) -> dict[str, int]:
        ran.append(number)
        run.progress(1, 2, "Half of it")
        run.log("Read the table")
        return {"rows": number}

    job = jobs.submit(world.user["owner"], declare(work), project=world.project, arguments={"number": 7})
    execution.execute(job.pk, threaded=False)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts, job.done, job.total) == ("done", {"rows": 7}, 1, 1, 2)
    assert [line.text for line in job.lines.all()] == ["Read the table"]
    assert ran == [7]
    assert told(job) == ["jobs.job_submitted", "jobs.job_started", "jobs.job_done"]


def test_an_error_is_tried_again_later_and_then_told(world: World, declare: Declare) -> None:
    """A failing job waits longer each time; after its last attempt it failed, with a reference and no stack trace."""

    def work(run: jobs.Run) -> None:
        raise RuntimeError("Mme Dupont, 1950")

    job = jobs.submit(world.user["owner"], declare(work, retries=1), project=world.project)
    asked = timezone.now()
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == "waiting"
    assert job.not_before is not None
    assert job.not_before > asked + timedelta(seconds=5)
    Job.objects.update(not_before=timezone.now() + timedelta(hours=1))
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.attempts == 1, "it is not due before its pause is over"
    Job.objects.update(not_before=None)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.reference
    assert "Dupont" not in job.error


def test_the_log_says_where_an_error_was_and_not_what_data_it_held(
    world: World, declare: Declare, caplog: pytest.LogCaptureFixture
) -> None:
    """The log line of an error has its reference, its type and its place, and nothing of its text."""

    def work(run: jobs.Run) -> None:
        raise RuntimeError("Mme Dupont, 1950")

    job = jobs.submit(world.user["owner"], declare(work, retries=0), project=world.project)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.reference in caplog.text
    assert "RuntimeError" in caplog.text
    assert "Dupont" not in caplog.text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Invalid([Fault("row 3", "date", "This is no date.")]), "row 3: This is no date."),
        (Conflict("The form has changed."), "The form has changed."),
    ],
)
def test_an_error_in_words_is_shown_and_not_tried_again(
    world: World, declare: Declare, error: Exception, words: str
) -> None:
    """What a service says is wrong is told to the owner as it is; trying again would change nothing."""

    def work(run: jobs.Run) -> None:
        raise error

    job = jobs.submit(world.user["owner"], declare(work), project=world.project)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == ("failed", words, 1)


def test_what_a_job_asks_for_is_refused_with_its_owner_named(world: World, declare: Declare) -> None:
    """A task acts with its owner's rights; what he may not do is refused, and in the journal."""

    def work(run: jobs.Run) -> None:
        access.require(run.actor, "access.manage_members", world.project)

    job = jobs.submit(world.user["member"], declare(work), project=world.project)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 1)
    refusal = Event.objects.get(action="access.refused")
    assert (refusal.actor_id, refusal.channel) == (world.user["member"].pk, "job")


def test_a_job_has_no_more_rights_than_the_token_that_asked_for_it(world: World, declare: Declare) -> None:
    """The limits of a token bind the jobs it submits, though they run later."""
    found = []

    def work(run: jobs.Run) -> None:
        found.append(access.abilities(run.actor, world.project))

    name = declare(work)
    actor = world.user["owner"]
    actor.limits = Limits(world.project.pk, frozenset({"access.view_project"}))  # type: ignore[attr-defined]
    job = jobs.submit(actor, name, project=world.project)
    execution.execute(job.pk, threaded=False)
    assert found == [frozenset({"access.view_project"})]


def test_events_inside_a_job_carry_its_number(world: World, declare: Declare) -> None:
    """What a job does is told in the journal as done by a job, with the job's number as the request."""

    def work(run: jobs.Run) -> None:
        audit.record(run.actor, "audit.journal_read", world.project)

    job = jobs.submit(world.user["owner"], declare(work), project=world.project)
    execution.execute(job.pk, threaded=False)
    event = Event.objects.get(action="audit.journal_read")
    assert (event.channel, event.request_id) == ("job", job.pk.hex)


def test_an_owner_who_lost_his_place_has_nothing_done(world: World, declare: Declare) -> None:
    """Rights are looked at when the job starts, not only when it was asked for."""
    job = jobs.submit(world.user["member"], declare(lambda run: None), project=world.project)
    Membership.objects.filter(user=world.user["member"]).update(ends_at=timezone.now())
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("cancelled", 0)
    assert "no longer" in job.error or "plus" in job.error
    assert Event.objects.get(action="jobs.job_cancelled").actor_id is None


def test_a_task_that_nobody_knows_fails_in_words(world: World, declare: Declare) -> None:
    """A job of an older version whose task is gone says so."""
    job = jobs.submit(world.user["owner"], declare(lambda run: None), project=world.project)
    Job.objects.update(task="gone.away")
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error


def test_a_job_that_runs_too_long_is_stopped(world: World, declare: Declare) -> None:
    """Past its limit, a task is stopped at its next report and not tried again."""

    def work(run: jobs.Run) -> None:
        run.progress(1)
        raise AssertionError("it went on")

    job = jobs.submit(world.user["owner"], declare(work, limit=timedelta(0)), project=world.project)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 1)


def test_an_attempt_that_was_overtaken_changes_nothing(world: World, declare: Declare) -> None:
    """Once another worker has the job, the first one's progress, notes, log and result are refused."""
    refused = []

    def work(run: jobs.Run) -> dict[str, str]:
        Job.objects.filter(pk=run.job.pk).update(attempts=F("attempts") + 1)  # another worker takes it over
        for act in (lambda: run.progress(5), lambda: run.keep(at=5), lambda: run.log("still here")):
            try:
                act()
            except jobs.Superseded:
                refused.append(act)
        return {"from": "the first"}

    job = jobs.submit(world.user["owner"], declare(work), project=world.project)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert len(refused) == 3
    assert (job.state, job.done, job.kept, job.result, job.lines.count()) == ("running", 0, {}, None, 0)


def test_a_second_attempt_goes_on_where_the_first_kept_its_place(world: World, declare: Declare) -> None:
    """What is written and kept in one fenced block is done once, also when the task fails in the middle."""
    written = []

    def work(run: jobs.Run) -> dict[str, int]:
        for number in range(run.kept.get("next", 0), 4):
            with run.fenced():
                written.append(number)
                run.keep(next=number + 1)
            if number == 1 and run.job.attempts == 1:
                raise RuntimeError
        return {"rows": len(written)}

    job = jobs.submit(world.user["owner"], declare(work), project=world.project)
    execution.execute(job.pk, threaded=False)
    Job.objects.update(not_before=None)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.attempts, written) == ("done", 2, [0, 1, 2, 3])


def test_waiting_jobs_can_be_done_here_and_now(world: World, declare: Declare) -> None:
    """Commands and tests do all that waits, also what it submits, without a worker."""

    def first(run: jobs.Run) -> None:
        jobs.submit(run.actor, second)

    second = declare(lambda run: None, "jobs.second")
    jobs.submit(world.user["owner"], declare(first))
    assert jobs.run_waiting() == 2
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
