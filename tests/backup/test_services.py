"""Repositories, plans and saves as people and jobs do them."""

from __future__ import annotations

import io
import json
import shutil
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django import Settings

from backup import queries
from backup.engine.format import keyfile, keys
from backup.engine.saving.state import State
from backup.models import Plan, Repository, Snapshot
from backup.services import plans, repositories, saving, watching
from backup.services.contents import safe
from backup.web.dashboard import cards
from core import access, files
from core.access.demo import World
from core.audit import sealing, signing
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.files.models import StoredFile
from core.jobs import execution
from core.jobs.models import Schedule
from core.vault.fields import Sealed
from tests.backup.founding import Client, found
from tests.backup.portal import Kept, told

# Repositories and their keys


def test_the_master_key_never_comes_to_the_server(kept: Kept) -> None:
    """The server holds a key that can add and one that opens the log: nothing that opens contents, nowhere."""
    held = keyfile.load(kept.repository.writer_key)
    assert held.role is keys.Role.WRITER
    assert isinstance(held.holder, keys.InMemory)
    assert not held.holder.private
    assert keyfile.load(kept.repository.lister_key).role is keys.Role.LISTER
    master = keyfile.load(kept.keyfile)
    assert master.seed is not None
    stored = [str(value) for row in Repository.objects.values() for value in row.values()]
    stored += [json.dumps(details) for details in Event.objects.values_list("details", flat=True)]
    on_disk = b"".join(path.read_bytes() for path in kept.repository.path.rglob("*") if path.is_file())
    assert isinstance(master.holder, keys.InMemory)
    for secret in (master.seed, *master.holder.private.values(), master.holder.signing):
        assert secret is not None
        assert secret not in on_disk
        assert not any(secret.hex() in text for text in stored)
    assert kept.keyfile.splitlines()[8] not in "".join(stored)


def test_the_writer_key_is_sealed_in_the_database(kept: Kept) -> None:
    """In the database the server's key is encrypted for its row."""
    [value] = Repository.objects.filter(pk=kept.repository.pk).values_list("writer_key", flat=True)
    assert isinstance(value, Sealed)
    assert b"SUITE BACKUP" not in value.value


def test_who_makes_a_repository_may_read_what_it_holds(world: World) -> None:
    """The key opens health data: only who may restore founds a repository, the administrator doesn't."""
    for who in ("administrator", "member", "researcher", "monitor", "stranger"):
        with pytest.raises(access.Refused):
            found(world.user[who], world.project)
    assert not Repository.objects.exists()


def test_control_code(kept: Kept, world: World) -> None:
    """Nothing is saved into a repository before somebody has typed what stands only in its keyfile."""
    owner = world.user["owner"]
    made = found(owner, world.project, name="Second")
    wanted = {"repository": made.repository, "datasets": True, "files": True, "every": "daily 01:00"}
    with pytest.raises(Invalid, match="unconfirmed"):
        plans.create_plan(owner, world.project, name="Too early", **wanted)
    for wrong in ("", "0000-0000", made.repository.repository_id):
        with pytest.raises(Invalid, match="wrong"):
            repositories.confirm_key(owner, made.repository, wrong)
    [line] = [line for line in made.keyfile.splitlines() if line.startswith("Control: ")]
    confirmed = repositories.confirm_key(owner, made.repository, line.removeprefix("Control: ").lower())
    assert confirmed.is_confirmed
    assert told("backup.key_confirmed") == [{}, {}]
    shutil.rmtree(made.repository.path)


def test_refused_repositories(world: World, kept: Kept, settings: Settings) -> None:
    """A name that is taken, no room and a folder nobody allowed are each refused, with their place."""
    owner = world.user["owner"]
    client = Client.new()
    for places, values in (
        (["name"], {"name": "Principal"}),
        (["name"], {"name": " "}),
        (["quota"], {"name": "X", "quota": 0}),
        (["folder"], {"name": "X", "folder": "/etc"}),
        (["folder", "name", "quota"], {"name": "", "quota": 0, "folder": "../../etc"}),
        (["code"], {"name": "X", "code": "0000-0000"}),
    ):
        with pytest.raises(Invalid) as refused:
            repositories.register_repository(owner, world.project, founding=client.founding(), **values)
        assert sorted(fault.place for fault in refused.value.faults) == places
    settings.BACKUP_FOLDERS = [Path("/proc/nowhere")]
    with pytest.raises(Invalid, match="unusable"):
        found(owner, world.project, name="X", folder="/proc/nowhere")
    assert Repository.objects.count() == 1
    assert not (django_settings.DATA_DIR / "backups" / client.master.repository.hex()).exists()


def test_discard(world: World, kept: Kept) -> None:
    """A repository whose key was lost before its first use can be taken away; one in use can't."""
    owner = world.user["owner"]
    with pytest.raises(Conflict):
        repositories.discard_repository(owner, kept.repository)
    made = found(owner, world.project, name="Lost")
    repositories.discard_repository(owner, made.repository)
    assert not Repository.objects.filter(name="Lost").exists()
    assert not made.repository.path.exists()


def test_change(kept: Kept) -> None:
    """Name and quota are changed by who manages, and by nobody else; what was changed is recorded, once."""
    owner, row = kept.world.user["owner"], kept.repository
    for who in ("administrator", "monitor", "stranger"):
        with pytest.raises(access.Refused):
            repositories.change_repository(kept.world.user[who], row, name="Mine", quota=1)
    for _twice in range(2):
        repositories.change_repository(owner, row, name=" Coffre ", quota=10**9)
    row.refresh_from_db()
    assert (row.name, row.quota) == ("Coffre", 10**9)
    assert told("backup.repository_changed") == [{"quota": 10**9, "parity": 0}]
    found(owner, kept.world.project, name="Second")
    for name, quota in (("Second", None), ("", None), ("Coffre", 0), ("Coffre", 1 << 63)):
        with pytest.raises(Invalid):
            repositories.change_repository(owner, row, name=name, quota=quota)


def test_where_only_agents_save(kept: Kept) -> None:
    """A repository for which the server has no key to save takes no plan of the server, and is watched all the same."""
    owner, project = kept.world.user["owner"], kept.world.project
    row = found(owner, project, name="Agents", confirmed=True, saves=False, isolated=True).repository
    assert (row.saves_here, row.isolated, row.writer_key) == (False, True, "")
    wanted = {"repository": row, "datasets": True, "every": "daily 01:00"}
    with pytest.raises(Invalid, match="agents-only"):
        plans.create_plan(owner, project, name="Here", **wanted)
    assert list(queries.saved_here(owner, project)) == [kept.repository]
    watching.watch(row)
    row.refresh_from_db()
    assert row.watched_at is not None
    assert not row.alerts.exists()


# Plans


def test_a_plan_is_on_the_calendar(kept: Kept) -> None:
    """A plan comes due by itself, in its owner's name; changed it moves, ended it is gone."""
    row = Schedule.objects.get(task="backup.save")
    assert (row.every, row.owner, row.arguments) == ("daily 02:30", kept.plan.owner, {"plan": str(kept.plan.pk)})
    wanted = {"name": "Weekly", "repository": kept.repository, "datasets": True, "files": False}
    changed = plans.change_plan(kept.world.user["owner"], kept.plan, **wanted, every="weekly sat 03:00")
    assert (changed.files, Schedule.objects.get(task="backup.save").every) == (False, "weekly sat 03:00")
    plans.end_plan(kept.world.user["owner"], changed)
    assert not Schedule.objects.filter(task="backup.save").exists()
    with pytest.raises(Conflict):
        plans.run_plan(kept.world.user["owner"], changed)


def test_refused_plans(kept: Kept) -> None:
    """A plan that saves nothing, has a taken name, no rhythm or another project's repository is refused."""
    owner, project = kept.world.user["owner"], kept.world.project
    good = {"name": "New", "repository": kept.repository, "datasets": True, "files": True, "every": "daily 01:00"}
    foreign = Repository(project=kept.world.elsewhere, confirmed_at=timezone.now())
    for change in (
        {"datasets": False, "files": False},
        {"name": "Nightly"},
        {"every": "often"},
        {"repository": foreign},
    ):
        with pytest.raises(Invalid):
            plans.create_plan(owner, project, **(good | change))
    assert Plan.objects.count() == 1
    assert Schedule.objects.count() == 1


def test_only_managers_plan_and_others_may_run(kept: Kept) -> None:
    """The administrator may start a backup and plan none; the monitor only looks."""
    world = kept.world
    for who in ("administrator", "monitor", "member", "stranger"):
        with pytest.raises(access.Refused):
            plans.end_plan(world.user[who], kept.plan)
    for who in ("monitor", "member", "stranger"):
        with pytest.raises(access.Refused):
            plans.run_plan(world.user[who], kept.plan)
    assert plans.run_plan(world.user["administrator"], kept.plan).state == "waiting"


# Saves


def test_a_save_holds_every_dataset_version_and_file(kept: Kept) -> None:
    """A save tells how much it holds, which audit head it carries, and nothing of what the files are called."""
    sealing.seal()
    head = signing.sign()
    assert head is not None
    snapshot = kept.save()
    assert (snapshot.sequence, snapshot.datasets, snapshot.files, snapshot.unread) == (1, 2, 3, 0)
    assert snapshot.anchor == head.as_json()
    assert snapshot.bytes == sum(StoredFile.objects.values_list("size", flat=True))
    [details] = told("backup.snapshot_made")
    assert details["files"] == 3
    opened = Reading(kept)
    assert opened.names(snapshot) == [
        "datasets/inclusions/v1.parquet",
        "datasets/inclusions/v2.parquet",
        f"files/{StoredFile.objects.get(kind='upload').pk}/Compte rendu_1.txt",
    ]
    assert json.loads(opened.snapshot(snapshot).notes["audit head"]) == head.as_json()


def test_nothing_clear_reaches_the_disk(kept: Kept) -> None:
    """Neither names nor contents stand in the repository or in what the server remembers of it."""
    kept.save()
    paths = [*kept.repository.path.rglob("*"), *kept.repository.memory.rglob("*")]
    everything = b"".join(path.read_bytes() for path in paths if path.is_file())
    for secret in (b"Compte rendu", b"inclusions", b"lactate", "consœur".encode(), b"PAR1"):
        assert secret not in everything


def test_the_next_save_opens_only_what_is_new(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second save adds what came since, reads nothing else, and follows the first."""
    first = kept.save()
    files.store(kept.world.user["owner"], kept.world.project, io.BytesIO(b"new"), name="new.txt")
    opened = []
    real = files.open
    monkeypatch.setattr("backup.services.contents.files.open", lambda stored: opened.append(stored.pk) or real(stored))
    second = kept.save()
    assert (second.sequence, second.files, len(opened)) == (2, 4, 1)
    assert second.manifest != first.manifest
    assert second.added < 10_000


def test_a_damaged_file_is_told_and_the_rest_saved(kept: Kept) -> None:
    """A file that can't be read is counted and named by its id; the others are saved."""
    stored = StoredFile.objects.get(kind="upload")
    path = Path(django_settings.STORAGES["files"]["OPTIONS"]["location"]) / stored.storage_name
    path.write_bytes(path.read_bytes()[:-30])
    snapshot = kept.save()
    assert (snapshot.files, snapshot.unread) == (2, 1)
    assert snapshot.job is not None
    assert any(str(stored.pk) in line.text for line in snapshot.job.lines.all())
    [watched] = queries.watched(kept.world.user["owner"], kept.world.project)
    assert watched.needs_attention


def test_a_repository_that_is_gone_fails_in_words(kept: Kept) -> None:
    """When its disk isn't there the job says so, the plan shows it, and the dashboard too."""
    kept.repository.path.rename(kept.repository.path.with_name("away"))
    job = plans.run_plan(kept.world.user["owner"], kept.plan)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "disk" in job.error or "disque" in job.error
    [watched] = queries.watched(kept.world.user["owner"], kept.world.project)
    assert watched.look == "failed"
    assert [card.state for card in cards(kept.world.user["owner"], [kept.world.project])] == ["failed"]


def test_two_backups_into_one_repository(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits until the first has ended, and says so."""
    first = State(kept.repository.memory)
    monkeypatch.setattr(saving, "time", SimpleNamespace(sleep=lambda _seconds: first.close(), time_ns=time.time_ns))
    job = plans.run_plan(kept.world.user["owner"], kept.plan)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == "done", job.error
    assert kept.plan.snapshots.count() == 1


def test_a_repository_put_back_is_noticed(kept: Kept) -> None:
    """An older copy of the repository put in its place is noticed, also when the server lost its memory with it."""
    kept.save()
    shutil.copytree(kept.repository.path, kept.repository.path.with_name("copy"))
    files.store(kept.world.user["owner"], kept.world.project, io.BytesIO(b"new"), name="new.txt")
    kept.save()
    shutil.rmtree(kept.repository.path)
    kept.repository.path.with_name("copy").rename(kept.repository.path)
    shutil.rmtree(kept.repository.memory)
    third = kept.save()
    assert (third.sequence, third.store_differs) == (3, True)
    assert not third.is_whole


def test_who_lost_his_rights_saves_nothing(kept: Kept) -> None:
    """A plan whose owner left the project doesn't run in his name any more."""
    world = kept.world
    job = plans.run_plan(world.user["owner"], kept.plan)
    world.user["owner"].memberships.update(ends_at=timezone.now())
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not Snapshot.objects.exists()


def test_late_plans(kept: Kept) -> None:
    """A plan is late once it has missed a whole turn, and not an hour before."""
    now = timezone.now()
    assert queries.watch(kept.plan, now).look == "waiting"
    snapshot = kept.save()
    assert queries.watch(kept.plan, now + timedelta(hours=20)).look == "done"
    assert queries.watch(kept.plan, snapshot.finished_at + timedelta(days=2, hours=1)).look == "warning"


@pytest.mark.parametrize("name", ["a/b", "..", ".", "", "x" * 400, "é" * 300, "a\0b"])
def test_names_of_files_are_made_safe(name: str) -> None:
    """Whatever a person called a file, it is one name in the backup, of at most 200 bytes."""
    assert "/" not in safe(name)
    assert "\0" not in safe(name)
    assert safe(name) not in ("", ".", "..")
    assert len(safe(name).encode()) <= 201


class Reading:
    """The repository through the key that people hold."""

    def __init__(self, kept: Kept) -> None:
        from backup.engine import repository as engine
        from backup.engine.stores.local import LocalStore

        self._opened = engine.Repository.open(LocalStore(kept.repository.path), keyfile.load(kept.keyfile))

    def snapshot(self, row: Snapshot):  # type: ignore[no-untyped-def]
        return self._opened.snapshot(bytes.fromhex(row.snapshot_id))

    def names(self, row: Snapshot) -> list[str]:
        from backup.engine.reading.catalogue import Catalogue

        catalogue = Catalogue(self._opened, self.snapshot(row))
        return sorted(path.decode() for path, node in catalogue.walk() if node["t"] == "f")
