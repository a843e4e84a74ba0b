"""A real machine saves through the portal into an object store, and what the scheduler does of it beside the rest."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event

import pytest

from backup.engine.format import keyfile
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository as Opened
from backup.models import Repository, Run, Snapshot
from backup.services import aside, objects, places, stores, watching
from tests.backup.agents.conftest import Fleet
from tests.backup.agents.machines import Computer, serving
from tests.backup.agents.steps import SETTLED, overdue, planned, ready
from tests.backup.places.conftest import Outside
from tests.backup.stores import faulty

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_machine_saves_into_the_bucket(far_fleet: Fleet, bucket: Outside, tmp_path: Path) -> None:
    """`suite-backup agent` saves through the portal; its objects lie in the bucket, its snapshot is seen and read.

    While the bucket is away its run fails in words, and the next one goes on.
    """
    assert bucket.door is not None
    computer = Computer(tmp_path / "computer")
    with serving() as portal:
        agent = ready(far_fleet, computer, portal)
        plan = planned(far_fleet, agent, computer)
        time.sleep(SETTLED)
        computer.once()
        row = Snapshot.objects.get(plan=plan)
        assert (row.files, row.unread) == (2, 0)
        watching.watch(far_fleet.kept.repository)
        assert not far_fleet.kept.repository.alerts.filter(resolved_at=None, kind="unreachable").exists()

        (computer.data / "letters" / "b.txt").write_text("another letter\n" * 1000)
        bucket.door.rules.append(faulty.unreachable)
        overdue(plan)
        time.sleep(SETTLED)
        computer.once(code=1)
        failed = Run.objects.order_by("created_at").last()
        assert failed is not None
        assert (failed.state, failed.snapshot) == ("failed", None)
        assert failed.error
        bucket.door.rules.clear()
        overdue(plan)
        computer.once()
        row = Snapshot.objects.exclude(pk=row.pk).get()
        assert (row.sequence, row.files) == (2, 3)
    with stores.patient(far_fleet.kept.repository) as store:
        opened = Opened.open(store, keyfile.load(far_fleet.kept.keyfile))
        catalogue = Catalogue(opened, opened.snapshot(bytes.fromhex(row.snapshot_id)))
        names = [path.rpartition(b"/")[2] for path, node in catalogue.walk() if node["t"] == "f"]
    assert sorted(names) == [b"a.txt", b"b.txt", b"numbers.bin"]
    assert Repository.objects.get().used > 0


def test_the_scheduler_waits_for_no_place(far_fleet: Fleet, bucket: Outside) -> None:
    """Watching, measuring and trying places that don't answer begins at once and keeps the scheduler from nothing."""
    assert bucket.door is not None
    over = Event()
    bucket.door.rules.append(faulty.hangs(over))
    began = time.monotonic()
    watching.watch_all()
    watching.watch_all()
    objects.measure_all()
    places.try_aside()
    assert time.monotonic() - began < 2
    over.set()
    bucket.door.rules.clear()
    for name in ("watch", "measure", "places"):
        aside._going[name].join(120)
        assert not aside._going[name].is_alive()
    watching.watch_all()
    aside._going["watch"].join(120)
    row = Repository.objects.get()
    assert row.watched_at is not None
    assert not row.alerts.filter(resolved_at=None).exists()
