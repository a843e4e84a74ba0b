"""Doing a job: taken once, settled once, tried again, stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core import jobs
from core.access.demo import World
from core.audit.models import Event
from core.errors import Conflict, Fault, Invalid
from core.jobs import execution, registry
from core.jobs.models import Job

Work = Callable[..., dict[str, Any] | None]


@pytest.fixture
def declare() -> Any:
    """Declare a task for one test."""
    before = dict(registry._tasks)

    def declare(work: Work, name: str = "jobs.try_out", **options: Any) -> str:
        jobs.task(name, label="Try out", **options)(work)
        return name

    yield declare
    registry._tasks.clear()
    registry._tasks.update(before)


def told(job: Job) -> list[str]:
    return list(Event.objects.filter(object_id=str(job.pk)).order_by("id").values_list("action", flat=True))


def test_a_job_is_done_once_and_its_result_kept(world: World, declare: Any) -> None:
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


def test_an_error_is_tried_again_later_and_then_told(world: World, declare: Any) -> None:
    """A failing job waits longer each time; after its last attempt it failed, with a reference and no stack trace."""

    def work(run: jobs.Run) -> None:
        raise RuntimeError("Mme Dupont, 1950")

    job = jobs.submit(world.user["owner"], declare(work, retries=1), project=world.project)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == "waiting"
    assert job.not_before is not None
    assert job.not_before > timezone.now() + timedelta(seconds=5)
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
    world: World, declare: Any, caplog: pytest.LogCaptureFixture
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
    world: World, declare: Any, error: Exception, words: str
) -> None:
    """What a service says is wrong is told to the owner as it is; trying again would change nothing."""

    def work(run: jobs.Run) -> None:
        raise error

    job = jobs.submit(world.user["owner"], declare(work), project=world.project)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == ("failed", words, 1)
