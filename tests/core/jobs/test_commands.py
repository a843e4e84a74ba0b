"""What an operator sees and does of the long work."""

from __future__ import annotations

import threading

import pytest
from django.core.management import CommandError, call_command

from core import jobs
from core.access.demo import World
from core.audit.models import Event, Link
from core.jobs import execution, sending
from core.jobs.management.commands import scheduler
from tests.core.jobs.conftest import Declare


def test_jobs_are_listed_shown_and_cancelled(
    world: World, declare: Declare, capsys: pytest.CaptureFixture[str]
) -> None:
    """By their state, with all that the row says; what is cancelled says who did it."""
    job = jobs.submit(world.user["member"], declare(lambda run: None), project=world.project)
    call_command("jobs", "list", "--state", "waiting")
    call_command("jobs", "show", str(job.pk))
    assert capsys.readouterr().out.count(str(job.pk)) == 2
    call_command("jobs", "cancel", str(job.pk))
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert Event.objects.get(action="jobs.job_cancelled").channel == "command"


def test_what_is_not_there_or_has_ended_is_said(world: World, declare: Declare) -> None:
    """An unknown number and a job that has ended are refused in words."""
    job = jobs.submit(world.user["member"], declare(lambda run: None), project=world.project)
    execution.execute(job.pk, threaded=False)
    with pytest.raises(CommandError):
        call_command("jobs", "cancel", str(job.pk))
    with pytest.raises(CommandError):
        call_command("jobs", "show", str(world.project.pk))


def test_the_scheduler_does_each_duty(
    transactional_db: None, settings: object, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once through all: the journal is sealed and signed, jobs are swept, schedules are ticked."""
    from core import audit

    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    monkeypatch.setattr(sending, "queue_length", lambda queue: 0)
    audit.record(None, "audit.journal_read")
    call_command("scheduler", "--once")
    assert Link.objects.count() == 1


def test_a_duty_that_fails_is_done_again(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """While PostgreSQL or the disk is away, the scheduler goes on and tries again."""
    over, tries = threading.Event(), []

    def duty() -> None:
        tries.append(1)
        if len(tries) == 3:
            over.set()
        raise OSError

    monkeypatch.setattr(scheduler, "DUTIES", ((0.01, duty),))
    monkeypatch.setattr(scheduler, "close_old_connections", lambda: None)
    scheduler.watch(over)
    assert len(tries) == 3
