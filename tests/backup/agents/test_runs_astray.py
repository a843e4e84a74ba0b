"""Runs of agents that fall silent, lose their memory or their clock, or were away: given up, and taken up again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backup.models import Agent, Plan, Run, Snapshot
from backup.services import runs
from core.access.models import Membership
from core.audit.models import Event
from tests.backup.agents.conftest import Fleet, Machine
from tests.backup.agents.telling import begin, end, line, report, taken


@pytest.mark.parametrize("said", ["0001-01-01T12:00:00Z", "9999-12-31T12:00:00Z"])
def test_a_clock_that_is_wrong(saving: Machine, plan: Plan, said: str) -> None:
    """What a machine's clock says is kept within what it can be: no backup is of tomorrow."""
    number = begin(saving, plan, started_at=said).json()["id"]
    saving.call("post", f"runs/{number}/progress/", report(1, lines=[line(1) | {"at": said}]))
    name, raw = saving.snapshot()
    saving.put(name, raw)
    told = taken(name, raw, started_at=said, finished_at=said)
    assert end(saving, number, snapshot=told).status_code == 200
    run = Run.objects.get()
    moments = (run.started_at, run.lines.get().at, run.snapshot.started_at, run.snapshot.finished_at)  # type: ignore[union-attr]
    assert all(runs.EARLIEST <= each <= timezone.now() for each in moments if each is not None)


def test_a_number_that_is_taken(saving: Machine, plan: Plan) -> None:
    """A snapshot under a number that is recorded for another one is refused in words, and is no fault of the server."""
    number = begin(saving, plan).json()["id"]
    name, raw = saving.snapshot()
    saving.put(name, raw)
    assert end(saving, number, snapshot=taken(name, raw)).status_code == 200
    Snapshot.objects.update(snapshot_id="cd" * 32)
    second = begin(saving, plan).json()["id"]
    answer = end(saving, second, snapshot=taken(name, raw))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "number")


def quiet(number: Any, minutes: int) -> None:
    """Nobody heard of this run for so long."""
    Run.objects.filter(pk=number).update(heard_at=timezone.now() - timedelta(minutes=minutes))


def test_a_silent_run_is_given_up_and_goes_on(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """After fifteen minutes it fails in words of its owner; when the machine wakes up, it goes on where it was."""
    number = begin(saving, plan).json()["id"]
    quiet(number, 14)
    runs.fail_silent()
    assert Run.objects.get().state == "running"
    quiet(number, 16)
    runs.fail_silent()
    runs.fail_silent()
    run = Run.objects.get()
    assert (run.state, run.silent, bool(run.error)) == ("failed", True, True)
    assert Event.objects.filter(action="backup.run_ended", outcome="failed").count() == 1
    woken = saving.call("post", f"runs/{number}/progress/", report(7))
    assert woken.json() == {"id": number, "state": "running", "stop": False}
    run.refresh_from_db()
    assert (run.state, run.silent, run.error, run.ended_at, run.files) == ("running", False, None, None, 7)
    assert end(saving, number).json()["state"] == "done"


def test_what_was_given_up_makes_way(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """Once another run of the plan has begun, the one that was given up stays failed and is told to stop."""
    number = begin(saving, plan).json()["id"]
    quiet(number, 16)
    runs.fail_silent()
    assert begin(saving, plan).status_code == 201
    late = saving.call("post", f"runs/{number}/progress/", report(7))
    assert late.json() == {"id": number, "state": "failed", "stop": True}


def test_an_agent_that_lost_its_memory(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """Killed and started anew, it begins another run once the one before wasn't heard of for two minutes."""
    number = begin(saving, plan).json()["id"]
    assert begin(saving, plan).status_code == 409
    quiet(number, 3)
    assert begin(saving, plan).status_code == 201
    assert Run.objects.get(pk=number).state == "failed"


def test_a_run_from_while_the_portal_was_away(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """A run that began alone keeps its own hour, never one to come, and the turn that it made counts as made."""
    Plan.objects.filter(pk=plan.pk).update(counted_from=timezone.now() - timedelta(days=2))
    began = (timezone.now() - timedelta(hours=5)).replace(microsecond=0)
    number = begin(saving, plan, started_at=began.isoformat()).json()["id"]
    assert Run.objects.get().started_at == began
    assert saving.state()["plans"][0]["turns"][0] > began.isoformat()
    end(saving, number)
    future = timezone.now() + timedelta(days=400)
    number = begin(saving, plan, started_at=future.isoformat()).json()["id"]
    assert Run.objects.get(pk=number).started_at <= timezone.now()


def test_a_member_leaves_and_the_run_goes_on(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """Neither the plan's owner nor the agent's maker need stay: machines save on."""
    number = begin(saving, plan).json()["id"]
    Membership.objects.all().delete()
    assert saving.call("post", f"runs/{number}/progress/", report(1)).json()["stop"] is False
    assert end(saving, number).json()["state"] == "done"
    assert begin(saving, plan).status_code == 201


def test_an_agent_is_seen(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """Whatever an agent calls tells that it is there; after a quarter of an hour it is silent."""
    Agent.objects.filter(pk=saving.agent.pk).update(seen_at=timezone.now() - timedelta(minutes=20))
    saving.agent.refresh_from_db()
    assert saving.agent.state == "silent"
    saving.state()
    saving.agent.refresh_from_db()
    assert saving.agent.state == "there"
