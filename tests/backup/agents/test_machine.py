"""The whole way, with a real server and a real process: enrolled, given its key, told, saved, seen."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from backup.engine.agent import holding
from backup.engine.format import keyfile
from backup.engine.format.keys import Role
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository as Opened
from backup.engine.stores.local import LocalStore
from backup.models import Plan, Run, Snapshot
from backup.web.snapshots import address_of
from core.api.services import create_token
from core.audit.models import Event
from tests.backup.agents.conftest import Fleet, Machine
from tests.backup.agents.machines import Computer
from tests.backup.agents.steps import SETTLED, enrol, give_key, overdue, planned, ready, token

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("many_codes")]


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
    [told] = Machine(run.agent, token(computer), b"").state()["plans"]
    assert datetime.fromisoformat(told["turns"][0]) < timezone.now() + timedelta(minutes=11)
    assert plan.runs.count() == 1


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
