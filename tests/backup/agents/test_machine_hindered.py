"""A machine that is stopped, ended or killed in the middle of a save, and one whose portal goes away."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from backup.engine.stores.local import LocalStore
from backup.models import Plan, Run, Snapshot
from backup.services import plans, runs
from tests.backup.agents.conftest import Fleet, Machine
from tests.backup.agents.machines import Bell, Computer, serving
from tests.backup.agents.steps import overdue, planned, ready

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("many_codes")]


def test_it_stops_when_asked(fleet: Fleet, computer: Computer, portal: str, bell: Bell) -> None:
    """A person asks for a run and stops it: the agent begins it, hears of it within seconds, and goes on living."""
    agent = ready(fleet, computer, portal)
    (computer.data / "large.bin").write_bytes(os.urandom(30 << 20))
    plan = fleet.plan(
        Machine(agent, "", b""),
        source="ward data",
        paths=[str(computer.data)],
        options={"limit_upload": "500k"},
    )
    run = runs.ask_run(fleet.owner, plan)
    process = computer.start("agent", "run", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        bell.until(lambda: Run.objects.get().state == "running")
        bell.until(lambda: Run.objects.get().bytes > 0)
        runs.ask_stop(fleet.owner, run)
        bell.until(lambda: Run.objects.get().state == "stopped")
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert not Snapshot.objects.exists()


def test_sigterm_ends_it_cleanly(fleet: Fleet, computer: Computer, portal: str, bell: Bell) -> None:
    """Ended in the middle of a save, it says so to the portal, and the next one takes up what was stored."""
    agent = ready(fleet, computer, portal)
    (computer.data / "large.bin").write_bytes(os.urandom(40 << 20))
    plan = planned(fleet, agent, computer, options={"limit_upload": "4M"})
    process = computer.start("agent", "run", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    bell.until(lambda: _packs(fleet) >= 1)
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (0, False), err
    run = Run.objects.get()
    assert (run.state, bool(run.error)) == ("failed", True)
    stored = _packs(fleet)
    overdue(plan)
    plans.change_plan(
        fleet.owner, plan, name=plan.name, repository=plan.repository, every=plan.every,
        orders=plans.Orders(plan.source, plan.paths),
    )  # fmt: skip
    overdue(plan)
    computer.once()
    row = Snapshot.objects.get()
    assert row.added < (41 << 20) - (stored - 1) * (15 << 20)


def _packs(fleet: Fleet) -> int:
    return sum(1 for one in LocalStore(fleet.kept.repository.path).list("packs") if one.size > 1 << 20)


def test_killed_and_started_anew(fleet: Fleet, computer: Computer, portal: str, bell: Bell) -> None:
    """An agent that was killed tells at its next start that its run broke off."""
    agent = ready(fleet, computer, portal)
    (computer.data / "large.bin").write_bytes(os.urandom(30 << 20))
    planned(fleet, agent, computer, options={"limit_upload": "500k"})
    process = computer.start("agent", "run", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    bell.until(lambda: Run.objects.filter(state="running").exists())
    bell.until(lambda: list((computer.base / "state" / "suite-backup" / "agent" / "runs").glob("*.json")))
    process.kill()
    process.wait()
    computer("agent", "run", "--once")
    assert Run.objects.get().state == "failed"


def test_the_portal_goes_and_comes_back(fleet: Fleet, computer: Computer) -> None:
    """While the portal is away a save runs by the hour that is known; its report waits on disk and is heard later."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving(port) as portal:
        agent = ready(fleet, computer, portal, "save", "--at", str(fleet.kept.repository.path))
        plan = planned(fleet, agent, computer)
        Plan.objects.filter(pk=plan.pk).update(counted_from=timezone.now())
        computer.once()
        assert not Run.objects.exists()
    memory = computer.base / "state" / "suite-backup" / "agent"
    known = json.loads((memory / "orders.json").read_text())
    due = timezone.now() - timedelta(hours=5)
    known["plans"][0]["turns"].insert(0, due.isoformat())
    (memory / "orders.json").write_text(json.dumps(known))
    computer.once()
    assert not Run.objects.exists(), "nobody could be told"
    [kept] = (memory / "runs").glob("*.json")
    assert json.loads(kept.read_text())["ended"]["state"] == "done"
    computer.once()
    assert len(list((memory / "runs").glob("*.json"))) == 1, "a turn is made once"
    with serving(port):
        computer.once()
    run, row = Run.objects.get(), Snapshot.objects.get()
    assert (run.state, run.snapshot, row.plan) == ("done", row, plan)
    assert not list((memory / "runs").glob("*.json"))


def test_the_portal_s_own_repository_waits_for_it(fleet: Fleet, computer: Computer) -> None:
    """Where the repository is with the portal, a turn that came while both were away is made up once they are back."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving(port) as portal:
        agent = ready(fleet, computer, portal)
        computer.once()
    plan = planned(fleet, agent, computer)
    computer.once()
    assert not Run.objects.exists()
    with serving(port):
        computer.once()
    assert Run.objects.get(plan=plan).state == "done"
