"""What an operator sees and does of the long work."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from core import jobs, tool
from core.access.demo import World
from core.audit.models import Event, Link
from core.jobs import execution, sending
from core.jobs.management.commands import scheduler
from tests.core.jobs.conftest import Declare


def test_jobs_are_listed_shown_and_cancelled(
    world: World, declare: Declare, capsys: pytest.CaptureFixture[str]
) -> None:
    """By their state, with all that the row says; what is cancelled is in the journal."""
    job = jobs.submit(world.user["member"], declare(lambda run: None), project=world.project)
    call_command("jobs", "list", "--state", "waiting")
    call_command("jobs", "show", str(job.pk))
    assert capsys.readouterr().out.count(str(job.pk)) == 2
    call_command("jobs", "cancel", str(job.pk))
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert Event.objects.filter(action="jobs.job_cancelled", object_id=str(job.pk)).exists()


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

    monkeypatch.setattr(scheduler, "close_old_connections", lambda: None)
    scheduler.watch(over, [(0.01, duty)])
    assert len(tries) == 3


def test_a_duty_that_fails_stops_no_other(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a duty raises, the others are done; the log names the duty, the error's type and place, and no data."""
    over, done = threading.Event(), []

    def broken() -> None:
        raise RuntimeError("Jeanne Le Gall")

    def sound() -> None:
        done.append(1)
        if len(done) == 2:
            over.set()

    monkeypatch.setattr(scheduler, "close_old_connections", lambda: None)
    scheduler.watch(over, [(0.01, broken), (0.01, sound)])
    assert len(done) == 2
    assert "broken failed: RuntimeError at " in caplog.text
    assert "test_commands.py" in caplog.text
    assert "Jeanne" not in caplog.text


def test_once_through_all_whatever_fails(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --once all duties and each room's upkeep are tried, and the command ends with an error when one failed."""
    done: list[str] = []

    def broken() -> None:
        raise ValueError

    def upkeep(name: str) -> Callable[[], None]:
        return lambda: broken() if name.startswith("core.accounts.") else done.append(name)

    monkeypatch.setattr(scheduler, "DUTIES", ((1, broken), (1, lambda: done.append("duty"))))
    monkeypatch.setattr(scheduler, "import_string", upkeep)
    monkeypatch.setattr(scheduler, "close_old_connections", lambda: None)
    with pytest.raises(CommandError, match="2 of "):
        call_command("scheduler", "--once")
    rooms = {room.label for room in tool.rooms() if room.upkeep or room.duties} - {"accounts"}
    assert done[0] == "duty"
    assert {name.removeprefix("core.").partition(".")[0] for name in done[1:]} == rooms
