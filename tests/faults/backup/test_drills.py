"""Test restores by a schedule: drawn by chance, compared with what was saved, and missed when they don't come."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from backup.api import protocol
from backup.engine.stores.local import LocalStore
from backup.models import Plan, Run
from backup.services import watching
from core.notices.models import Notice
from tests.backup import portal as portals
from tests.backup.agents.conftest import Fleet
from tests.backup.agents.machines import Computer, serving
from tests.backup.agents.steps import overdue, planned, ready
from tests.faults.backup.site import Site, change

pytestmark = pytest.mark.slow


def manifest(folder: Path) -> dict[str, str]:
    """Every file of a source by its path, with the hash of its content: what nobody's backup has touched."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_drawn_files_are_what_the_source_held(site: Site, chance: random.Random, rounds: int) -> None:
    """Files that are drawn from any snapshot come back with the hash they had when they were saved."""
    manifests: dict[str, dict[str, str]] = {}
    for _ in range(4):
        change(site.source, chance)
        manifests[site.save()["snapshot"]] = manifest(site.source)
    target = site.base / "drawn"
    for _ in range(rounds):
        done = site.summary("drill", "--share", "20%", "--compare", "data=/", role="verifier")
        assert (done["sound"], done["compared"] > 0) == (True, True)
        assert done["compared"] + done["changed"] == done["files"]
        snapshot = chance.choice(sorted(manifests))
        path = chance.choice(sorted(manifests[snapshot]))
        site.ok("restore", f"{snapshot}:{path}", "--target", str(target), role="reader")
        assert hashlib.sha256((target / Path(path).name).read_bytes()).hexdigest() == manifests[snapshot][path]
        shutil.rmtree(target)


def test_a_drill_that_finds_something_fails(site: Site, chance: random.Random) -> None:
    """A file that doesn't come back, and one whose source holds something else under its time, are named."""
    site.save()
    victim = site.source / "large-1"
    was = victim.stat()
    with victim.open("r+b") as file:
        file.write(b"rotten")
    os.utime(victim, ns=(was.st_atime_ns, was.st_mtime_ns))
    done = site.run("drill", "--share", "100%", "--compare", "data=/", role="verifier")
    assert done.returncode == 1
    assert "large-1: source: holds something else under the same size and time" in done.stdout
    for path in site.objects("packs"):
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 3] ^= 1
        path.write_bytes(raw)
    done = site.run("drill", "--share", "100%", role="verifier")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "NOT ALL came back" in done.stdout


@pytest.fixture
def fleet(world: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """A project whose repository lies with the portal; all of its machines call from one address."""
    settings.BACKUP_FOLDERS = [tmp_path]
    monkeypatch.setattr(protocol, "GUESSES", 0)
    portals.fill(world)
    return Fleet(portals.keep(world, tmp_path))


@pytest.fixture
def portal(fleet: Fleet) -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture
def checker(fleet: Fleet, portal: str, tmp_path: Path) -> tuple[Computer, Plan]:
    """A machine that tries restores by a plan, of what another one has saved."""
    saver, checker = Computer(tmp_path / "saver"), Computer(tmp_path / "checker")
    planned(fleet, ready(fleet, saver, portal), saver)
    saver.once()
    return checker, planned(fleet, ready(fleet, checker, portal, "check"), checker, options={"drill_files": 100})


def raised(fleet: Fleet, plan: Plan) -> set[str]:
    """Of what a plan is in alarm, once the server has looked."""
    watching.watch(fleet.kept.repository)
    return set(fleet.kept.repository.alerts.filter(resolved_at=None, plan=plan).values_list("kind", flat=True))


def told(fleet: Fleet, kind: str) -> int:
    return Notice.objects.filter(user=fleet.owner, kind=f"backup.alert_{kind}").count()


@pytest.mark.django_db(transaction=True)
def test_a_drill_that_fails_alerts(fleet: Fleet, checker: tuple[Computer, Plan]) -> None:
    """A drill that its schedule starts and that finds damage alerts who looks after backups, until one is sound."""
    machine, plan = checker
    machine.once()
    assert Run.objects.get(plan=plan).result["drill"]["files"] > 1
    assert raised(fleet, plan) == set()
    store = LocalStore(fleet.kept.repository.path)
    packs = {store.folder / one.name: store.read(one.name) for one in store.list("packs")}
    for path, raw in packs.items():
        path.write_bytes(raw[: len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 1]) + raw[len(raw) // 2 + 1 :])
    overdue(plan)
    machine.once(code=1)
    failed = Run.objects.filter(plan=plan).latest("created_at")
    assert (failed.state, failed.result["drill"]["failures"] > 0) == ("failed", True)
    assert raised(fleet, plan) == {"failed"}
    assert told(fleet, "failed") == 1
    for path, raw in packs.items():
        path.write_bytes(raw)
    overdue(plan)
    machine.once()
    assert raised(fleet, plan) == set()
    assert told(fleet, "resolved") == 1


@pytest.mark.django_db(transaction=True)
def test_a_drill_that_is_missed_alerts(fleet: Fleet, checker: tuple[Computer, Plan]) -> None:
    """Where no restore was tried for five weeks, whatever else went well, that is an alert until one is tried."""
    machine, plan = checker
    past = timezone.now() - timedelta(days=36)
    Plan.objects.filter(pk=plan.pk).update(created_at=past)
    assert "drill" in raised(fleet, plan)
    machine.once()
    assert raised(fleet, plan) == set()
    Run.objects.filter(plan=plan).update(started_at=past, ended_at=past)
    assert "drill" in raised(fleet, plan)
    assert told(fleet, "drill") == 2
    machine.once()
    assert raised(fleet, plan) == set()
