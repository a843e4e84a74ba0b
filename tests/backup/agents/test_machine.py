"""The whole way, with a real server and a real process: enrolled, given its key, told, saved, seen."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.utils import timezone
from pytest_django import Settings

from backup.api import protocol
from backup.engine.agent import holding
from backup.engine.format import keyfile
from backup.engine.format.keys import Role
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository as Opened
from backup.engine.stores.local import LocalStore
from backup.models import Agent, Plan, Run, Snapshot
from backup.services import agents, plans, runs
from backup.web.snapshots import address_of
from core.api.services import create_token
from core.audit.models import Event
from tests.backup.agents.conftest import Fleet, Machine
from tests.backup.agents.machines import Computer, serving

SETTLED = 2.5
"""Seconds after which a file is known by its times, and a snapshot isn't of this very moment any more."""
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def many_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """All machines of these tests are one address."""
    monkeypatch.setattr(protocol, "GUESSES", 0)


@pytest.fixture
def portal(fleet: Fleet) -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path / "computer")


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)
    return found


def enrol(fleet: Fleet, computer: Computer, portal: str, duty: str = "save", *more: str) -> Agent:
    """The machine as an agent, without its key."""
    expected = fleet.expected(duty)
    done = computer("agent", "enrol", portal, expected.code, "--name", "ward-3", *more, "--json")
    assert done.summary["agent"] == str(expected.agent.pk)
    return Agent.objects.get(pk=expected.agent.pk)


def give_key(fleet: Fleet, agent: Agent) -> str:
    """Seal a key to the machine, as a browser does: the key's number."""
    key, sealed = fleet.sealed(Machine(agent, "", b""))
    assert key.badge is not None
    agents.deliver_key(fleet.owner, agent, sealed=sealed, badge=key.badge.raw)
    return key.key_id.hex()


def ready(fleet: Fleet, computer: Computer, portal: str, duty: str = "save", *more: str) -> Agent:
    agent = enrol(fleet, computer, portal, duty, *more)
    give_key(fleet, agent)
    agent.refresh_from_db()
    return agent


def planned(fleet: Fleet, agent: Agent, computer: Computer, **orders: Any) -> Plan:
    """A plan that is due."""
    given = {"source": "ward data", "paths": [str(computer.data)]} | orders if agent.duty == "save" else orders
    plan = fleet.plan(Machine(agent, "", b""), "daily 02:30", **given)
    overdue(plan)
    return plan


def overdue(plan: Plan) -> None:
    past = timezone.now() - timedelta(days=2)
    Plan.objects.filter(pk=plan.pk).update(counted_from=past)
    Run.objects.filter(plan=plan).update(started_at=past)


def test_the_whole_way(fleet: Fleet, computer: Computer, portal: str) -> None:
    """A machine is enrolled, fetches its key, saves; its snapshot is seen and restores; again, it adds nothing."""
    agent = enrol(fleet, computer, portal)
    assert {path.stat().st_mode & 0o777 for path in computer.own.iterdir()} == {0o600}
    assert computer.own.stat().st_mode & 0o777 == 0o700
    plan = planned(fleet, agent, computer, options={"tags": ["ward"]}, excludes=["*.tmp"])
    computer.once()
    assert not Run.objects.exists(), "without a key nothing is done"
    key_id = give_key(fleet, agent)
    (computer.data / "left.tmp").write_text("x")
    time.sleep(SETTLED)
    computer.once()
    assert keyfile.load((computer.own / "keyfile").read_text()).role is Role.WRITER
    run, row = Run.objects.get(), Snapshot.objects.get()
    assert (run.state, run.snapshot, run.files, run.unread) == ("done", row, 2, 0)
    assert (row.plan, row.source, row.host, row.writer, row.tags) == (plan, "ward data", row.host, key_id, ["ward"])
    assert row.added > 300_000
    master = fleet.master
    [snapshot] = [one for one in master.snapshots() if one.source == "ward data"]
    assert snapshot.id.hex() == row.snapshot_id
    catalogue = Catalogue(Opened.open(master.store, master.derive(Role.READER, label="r", now=1)), snapshot)
    node = catalogue.find(str(computer.data / "numbers.bin").lstrip("/").encode())
    assert b"".join(catalogue.content(node)) == (computer.data / "numbers.bin").read_bytes()
    computer.once()
    assert Run.objects.count() == 1, "nothing is due"
    overdue(plan)
    computer.once()
    second = Snapshot.objects.exclude(pk=row.pk).get()
    assert (second.sequence, second.files, second.changed) == (2, 2, 0)
    assert second.added < 5000, "nothing is sent twice"
    status = computer("agent", "status", "--json").summary
    assert (status["name"], status["key"], status["there"]) == (agent.name, key_id, True)
    assert status["master"] == holding.mark(fleet.master.key.master)


def test_a_person_restores_with_the_program(
    fleet: Fleet, computer: Computer, portal: str, tmp_path: Path, settings: Settings
) -> None:
    """By the address that the page shows, a token of one's own and a reader's key; the journal tells who read."""
    settings.PUBLIC_URL = portal
    planned(fleet, ready(fleet, computer, portal), computer)
    computer.once()
    row = Snapshot.objects.get()
    until = timezone.now() + timedelta(days=1)
    codes = ["backup.view_backups", "backup.restore_backups"]
    _token, text = create_token(fleet.owner, fleet.world.project, "restore", codes, until)
    reader = keyfile.dump(fleet.master.derive(Role.READER, label="me", now=1))
    elsewhere = Computer(tmp_path / "elsewhere")
    for name, content in (("token", text), ("reader.key", reader)):
        (elsewhere.base / name).write_text(content)
        (elsewhere.base / name).chmod(0o600)
    elsewhere.more = {"SUITE_BACKUP_PORTAL_TOKEN_FILE": "token"}
    place = ("-r", address_of(row.repository), "-k", "reader.key")
    elsewhere(*place, "restore", f"{row.snapshot_id[:16]}:{computer.data}", "--target", "restored")
    for path in ("numbers.bin", "letters/a.txt"):
        assert (elsewhere.base / "restored" / path).read_bytes() == (computer.data / path).read_bytes()
    assert Event.objects.filter(action="backup.objects_read", actor_id=fleet.owner.pk).exists()
    _token, text = create_token(fleet.owner, fleet.world.project, "see", codes[:1], until)
    (elsewhere.base / "token").write_text(text)
    refused = elsewhere(*place, "restore", row.snapshot_id[:16], "--target", "again", code=1)
    assert "Traceback" not in refused.err
    assert not (elsewhere.base / "again").exists()


def test_nothing_changed_no_snapshot(fleet: Fleet, computer: Computer, portal: str) -> None:
    """Where the plan says so, a run that finds nothing new makes no snapshot, and says that."""
    plan = planned(fleet, ready(fleet, computer, portal), computer, options={"skip_unchanged": True})
    computer.once()
    overdue(plan)
    computer.once()
    newest = Run.objects.order_by("created_at").last()
    assert newest is not None
    assert (newest.state, newest.snapshot, newest.result["skipped"]) == ("done", None, True)
    assert Snapshot.objects.count() == 1


def test_files_that_cannot_be_read(fleet: Fleet, computer: Computer, portal: str) -> None:
    """A run that couldn't read all is partial, names what it left, and the program says so by its code."""
    plan = planned(fleet, ready(fleet, computer, portal), computer)
    Plan.objects.filter(pk=plan.pk).update(paths=[str(computer.data), str(computer.base / "gone")])
    computer.once(code=3)
    run = Run.objects.get()
    assert (run.state, run.unread) == ("partial", 1)
    assert [line.level for line in run.lines.all()] == ["warning"]
    assert "gone" in run.lines.get().text


def test_a_run_that_fails(fleet: Fleet, computer: Computer, portal: str) -> None:
    """Where nothing can be saved, the run fails in words, and is tried again soon."""
    plan = planned(fleet, ready(fleet, computer, portal), computer, paths=[str(computer.base / "nowhere")])
    computer.once(code=1)
    run = Run.objects.get()
    assert (run.state, "nowhere" in str(run.error)) == ("failed", True)
    [told] = Machine(run.agent, _token(computer), b"").state()["plans"]
    assert datetime.fromisoformat(told["turns"][0]) < timezone.now() + timedelta(minutes=11)
    assert plan.runs.count() == 1


def _token(computer: Computer) -> str:
    return (computer.own / "token").read_text().strip()


@pytest.mark.parametrize("beside", [False, True])
def test_a_dump(fleet: Fleet, computer: Computer, portal: str, beside: bool) -> None:
    """A database is saved by its own kind of dump, alone or beside folders."""
    import sqlite3

    (computer.data / "letter.txt").write_text("letter")
    with sqlite3.connect(computer.base / "app.db") as database:
        database.execute("create table visits (id integer)")
    planned(
        fleet,
        ready(fleet, computer, portal),
        computer,
        source="app",
        paths=[str(computer.data)] if beside else [],
        streams=[f"sqlite:file={computer.base / 'app.db'}"],
    )
    computer.once()
    files = sum(path.is_file() for path in computer.data.rglob("*"))
    assert Snapshot.objects.get().files == 1 + beside * files


def test_it_stops_when_asked(fleet: Fleet, computer: Computer, portal: str) -> None:
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
        until(lambda: Run.objects.get().state == "running")
        until(lambda: Run.objects.get().bytes > 0)
        runs.ask_stop(fleet.owner, run)
        until(lambda: Run.objects.get().state == "stopped")
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert not Snapshot.objects.exists()


def test_sigterm_ends_it_cleanly(fleet: Fleet, computer: Computer, portal: str) -> None:
    """Ended in the middle of a save, it says so to the portal, and the next one takes up what was stored."""
    agent = ready(fleet, computer, portal)
    (computer.data / "large.bin").write_bytes(os.urandom(40 << 20))
    plan = planned(fleet, agent, computer, options={"limit_upload": "4M"})
    process = computer.start("agent", "run", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    until(lambda: _packs(fleet) >= 1)
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


def test_killed_and_started_anew(fleet: Fleet, computer: Computer, portal: str) -> None:
    """An agent that was killed tells at its next start that its run broke off."""
    agent = ready(fleet, computer, portal)
    (computer.data / "large.bin").write_bytes(os.urandom(30 << 20))
    planned(fleet, agent, computer, options={"limit_upload": "500k"})
    process = computer.start("agent", "run", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: Run.objects.filter(state="running").exists())
    until(lambda: list((computer.base / "state" / "suite-backup" / "agent" / "runs").glob("*.json")))
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


def test_a_stolen_token(fleet: Fleet, computer: Computer, portal: str) -> None:
    """Who has a machine's token and keyfile adds to its row and reads nothing back; removed, both are worthless."""
    agent = ready(fleet, computer, portal)
    planned(fleet, agent, computer)
    computer.once()
    url = f"{portal}/api/v1/backup/repositories/{fleet.kept.repository.pk}/objects/"
    thief = requests.Session()
    thief.headers["Authorization"] = f"Bearer {_token(computer)}"
    packs = thief.get(url, params={"folder": "packs"}).json()["objects"]
    assert {thief.get(url + one["name"]).status_code for one in packs} == {403}
    assert {thief.delete(url + one["name"]).status_code for one in packs} == {403}
    other = fleet.ready()
    assert other.key is not None
    assert thief.get(url, params={"folder": f"snapshots/{other.key.key_id.hex()}"}).status_code == 200
    for words in (["ls", "latest"], ["restore", "latest", "--target", "x"], ["snapshots"], ["prune"], ["forget", "x"]):
        computer.more = {
            "SUITE_BACKUP_REPOSITORY": f"suite+{portal}/{fleet.kept.repository.pk}",
            "SUITE_BACKUP_KEYFILE": str(computer.own / "keyfile"),
            "SUITE_BACKUP_PORTAL_TOKEN_FILE": str(computer.own / "token"),
        }
        computer(*words, code=1)
    agents.remove_agent(fleet.owner, agent)
    assert thief.get(url, params={"folder": "packs"}).status_code == 401
    assert "no more" in computer("agent", "run", "--once", code=1).err


def test_one_gigabyte(fleet: Fleet, computer: Computer, portal: str) -> None:
    """Whoever announces a body of a gigabyte is refused before he has sent it."""
    ready(fleet, computer, portal)
    host, port = portal.removeprefix("http://").split(":")
    path = f"/api/v1/backup/repositories/{fleet.kept.repository.pk}/objects/index/{'0' * 64}"
    head = (
        f"PUT {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {_token(computer)}\r\n"
        f"Content-Type: application/octet-stream\r\nContent-Length: {1 << 30}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(head.encode() + b"x" * 1000)
        assert b" 413 " in line.recv(1000).split(b"\r\n")[0]


@pytest.mark.parametrize("which", ["master", "derived"])
def test_a_key_on_the_machine_itself(fleet: Fleet, computer: Computer, portal: str, which: str) -> None:
    """Who has the master key there, or a key made from it, gives it to the agent without the portal's page."""
    agent = enrol(fleet, computer, portal)
    path = computer.base / "given.key"
    text = fleet.kept.keyfile
    if which == "derived":
        text = keyfile.dump(fleet.sealed(Machine(agent, "", b""))[0])
    path.touch(0o600)
    path.write_text(text)
    done = computer("agent", "key", path, "--json")
    agent.refresh_from_db()
    assert agent.key_id == done.summary["key"]
    assert fleet.master.badges()[bytes.fromhex(agent.key_id)].role is Role.WRITER
    planned(fleet, agent, computer)
    computer.once()
    assert Snapshot.objects.get().writer == agent.key_id
    wrong = computer.base / "reader.key"
    wrong.touch(0o600)
    wrong.write_text(keyfile.dump(fleet.sealed(Machine(agent, "", b""), Role.READER)[0]))
    computer("agent", "key", wrong, code=1)


def test_it_leaves(fleet: Fleet, computer: Computer, portal: str) -> None:
    """A machine that leaves keeps neither token nor key, and can be enrolled again."""
    agent = ready(fleet, computer, portal)
    computer.once()
    computer("agent", "leave")
    assert list(computer.own.iterdir()) == []
    agent.refresh_from_db()
    assert agent.state == "removed"
    assert "no agent" in computer("agent", "run", code=1).err
    enrol(fleet, computer, portal)


def test_enrolling_is_refused_in_words(fleet: Fleet, computer: Computer, portal: str) -> None:
    """A wrong code, an address in the clear and a second enrolment are told, and leave nothing behind."""
    assert "unknown" in computer("agent", "enrol", portal, "0000-0000-0000-0000", code=1).err
    computer.more["LANG"] = "fr_FR.UTF-8"  # the portal's own words too
    assert "inconnu" in computer("agent", "enrol", portal, "0000-0000-0000-0000", code=1).err
    del computer.more["LANG"]
    assert "https" in computer("agent", "enrol", "http://suite.example.org", "0000-0000-0000-0000", code=1).err
    assert not computer.own.exists()
    enrol(fleet, computer, portal)
    assert "already" in computer("agent", "enrol", portal, fleet.expected().code, code=1).err


def test_keeping_and_checking(fleet: Fleet, computer: Computer, portal: str, tmp_path: Path) -> None:
    """An agent forgets and prunes by its plan, another scans and tries a restore; their counts come to the portal."""
    saver = ready(fleet, computer, portal)
    plan = planned(fleet, saver, computer)
    for number in range(3):
        (computer.data / f"{number}.txt").write_text(str(number))
        computer.once()
        overdue(plan)
    keeper, checker = Computer(tmp_path / "keeper"), Computer(tmp_path / "checker")
    planned(fleet, ready(fleet, keeper, portal, "keep"), keeper, options={"keep_last": "1"})
    time.sleep(SETTLED)
    keeper.once()
    kept = Run.objects.get(agent__duty="keep")
    assert (kept.state, kept.result["kept"], kept.result["forgotten"]) == ("done", 1, 2)
    planned(fleet, ready(fleet, checker, portal, "check"), checker, options={"read_data": True})
    checker.once()
    checked = Run.objects.get(agent__duty="check")
    assert (checked.state, checked.error) == ("done", None)
    assert checked.result["drill"]["files"] > 0
    assert checked.result["drill"]["failures"] == 0
    assert checked.result["check"]["packs_read"] > 0
    assert checked.result["vouched"] > 0


def test_damage_is_told(fleet: Fleet, computer: Computer, portal: str, tmp_path: Path) -> None:
    """A check that finds damage fails, and says line by line what is wrong."""
    planned(fleet, ready(fleet, computer, portal), computer)
    computer.once()
    store = LocalStore(fleet.kept.repository.path)
    largest = max(store.list("packs"), key=lambda one: one.size)
    path = store.folder / largest.name
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    checker = Computer(tmp_path / "checker")
    planned(fleet, ready(fleet, checker, portal, "check"), checker, options={"read_data": True, "drill_files": 0})
    checker.once(code=1)
    run = Run.objects.get(agent__duty="check")
    assert (run.state, bool(run.error)) == ("failed", True)
    assert any(largest.name in line.text for line in run.lines.filter(level="error"))
    assert run.result["check"]["problems"] > 0


def test_two_programs_are_not_one_agent(fleet: Fleet, computer: Computer, portal: str) -> None:
    """A second program with the same identity on one machine is refused in words."""
    ready(fleet, computer, portal)
    process = computer.start("agent", "run", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it has its key: it holds the lock
        computer("agent", "run", "--once", code=1)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_a_unit(computer: Computer) -> None:
    """The unit for systemd names the program, ends it politely and takes its rights away."""
    text = computer("agent", "unit").out
    assert "agent run" in text
    assert "NoNewPrivileges=yes" in text


def test_hooks_of_the_machine(fleet: Fleet, computer: Computer, portal: str) -> None:
    """What the machine itself has set is run around a save; where it fails, nothing is saved. The portal sets none."""
    config = computer.base / "config" / "suite-backup"
    config.mkdir(parents=True)
    (config / "config.toml").write_text('[hooks]\npre-save = "false"\n')
    plan = planned(fleet, ready(fleet, computer, portal), computer)
    computer.once(code=1)
    assert Run.objects.get().state == "failed"
    (config / "config.toml").write_text(f'[hooks]\npost-save = "touch {computer.base}/after"\n')
    overdue(plan)
    computer.once()
    assert (computer.base / "after").exists()
    assert Snapshot.objects.count() == 1


def test_no_word_of_the_portal_acts_on_a_terminal(fleet: Fleet, computer: Computer, portal: str) -> None:
    """What a plan is called on the portal is shown on the machine without what moves its cursor or begins a line."""
    plan = planned(fleet, ready(fleet, computer, portal), computer)
    Plan.objects.filter(pk=plan.pk).update(name="nightly\x1b[2J\nroot: all is well")
    done = computer.once()
    assert "nightly" in done.out
    assert "\x1b" not in done.out
    assert "\nroot" not in done.out


def test_over_the_store_alone(fleet: Fleet, computer: Computer, portal: str) -> None:
    """`suite-backup save` by hand goes through the portal with the agent's token as well, and is seen by the watch."""
    agent = ready(fleet, computer, portal)
    computer.once()
    computer.more = {
        "SUITE_BACKUP_REPOSITORY": f"suite+{portal}/{fleet.kept.repository.pk}",
        "SUITE_BACKUP_KEYFILE": str(computer.own / "keyfile"),
        "SUITE_BACKUP_PORTAL_TOKEN_FILE": str(computer.own / "token"),
    }
    made = computer("save", "--source", "by hand", computer.data, "--json").summary
    from backup.services import watching

    watching.watch(fleet.kept.repository)
    row = Snapshot.objects.get()
    assert (row.snapshot_id, row.source, row.plan, row.writer) == (made["snapshot"], "by hand", None, agent.key_id)
