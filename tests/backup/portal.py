"""What the tests of the pages, the API and the services stand on: a project with something to save, and its backups."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from backup.engine.format import keyfile
from backup.engine.format.trees import FILE
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository as Opened
from backup.models import Opening, Plan, Repository, Snapshot
from backup.services import openings, plans, stores
from core import datasets, files
from core.access.demo import World
from core.audit.models import Event
from core.jobs import execution
from core.jobs.models import Job
from tests.backup.founding import found

LETTER = "Chère consœur, le patient va mieux.\n".encode() * 3000


@dataclass
class Kept:
    """A repository whose key was confirmed, the text of that key, and a plan into it."""

    world: World
    repository: Repository
    keyfile: str
    plan: Plan
    passphrase: str = ""

    def save(self) -> Snapshot:
        """Run the plan here and now."""
        done(plans.run_plan(self.world.user["owner"], self.plan))
        snapshot = self.plan.snapshots.order_by("-sequence").first()
        assert snapshot is not None
        return snapshot

    def opened(self) -> Opened:
        """The repository, with the key that people hold."""
        return Opened.open(stores.store_of(self.repository), keyfile.load(self.keyfile, self.passphrase))

    def contents(self, snapshot: Snapshot) -> dict[str, bytes]:
        """What a snapshot holds, by its paths: read as who has the key reads it."""
        repository = self.opened()
        catalogue = Catalogue(repository, repository.snapshot(bytes.fromhex(snapshot.snapshot_id)))
        return {
            path.decode(): b"".join(catalogue.content(node)) for path, node in catalogue.walk() if node["t"] == FILE
        }

    def open(self, snapshot: Snapshot, who: str = "owner") -> Opening:
        """Say that it is opened, and why."""
        return openings.open_repository(self.world.user[who], self.repository, reason="Drill", snapshot=snapshot)


def done(job: Job) -> Job:
    """Do a job here and now, as a worker would."""
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def fill(world: World) -> None:
    """Two versions of a dataset and a file."""
    owner = world.user["owner"]
    for rows in (10, 20):
        table = pa.table({"patient": [f"P{number:03}" for number in range(rows)], "lactate": [1.5] * rows})
        datasets.publish(owner, world.project, "inclusions", table, title="Inclusions", provenance={"source": "test"})
    files.store(owner, world.project, io.BytesIO(LETTER), name="Compte rendu/1.txt", media_type="text/plain")


def keep(world: World, folder: Path, passphrase: str = "") -> Kept:
    """A repository in a folder that settings.BACKUP_FOLDERS allows, and a plan."""
    owner = world.user["owner"]
    made = found(owner, world.project, folder=str(folder), passphrase=passphrase, confirmed=True)
    plan = plans.create_plan(
        owner, world.project, name="Nightly", repository=made.repository, datasets=True, files=True, every="daily 02:30"
    )
    return Kept(world, made.repository, made.keyfile, plan, passphrase)


def told(action: str) -> list[dict[str, object]]:
    """What the journal keeps of each act of this name."""
    return list(Event.objects.filter(action=action).order_by("id").values_list("details", flat=True))
