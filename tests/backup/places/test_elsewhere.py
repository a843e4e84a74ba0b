"""A repository that lies in a place outside works as one in a folder does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from backup.engine.format import cipher, keyfile, layout
from backup.engine.repository import Repository as Opened
from backup.models import Alert, Repository
from backup.services import agents, objects, repositories, runs, stores, watching
from core import files
from core.access.demo import World
from core.errors import Away, Conflict
from core.files.models import StoredFile
from tests.backup.agents.conftest import Fleet, Machine
from tests.backup.founding import found
from tests.backup.places.conftest import WHERE, Declare, Outside, of_bucket
from tests.backup.portal import LETTER, Kept, told
from tests.backup.stores import faulty
from tests.backup.stores.conftest import Provider

Pack = Callable[[int], tuple[str, bytes]]


def alerts(repository: Repository) -> list[str]:
    return list(Alert.objects.filter(repository=repository, resolved_at=None).values_list("kind", flat=True))


@pytest.fixture
def pack(far_fleet: Fleet) -> Pack:
    """Something that looks like a pack of this repository."""

    def make(size: int = 1000) -> tuple[str, bytes]:
        number = bytes.fromhex(far_fleet.kept.repository.repository_id)
        raw = bytes(layout.Prologue(layout.DATA_PACK, number, layout.AES)) + os.urandom(size)
        return layout.pack_name(cipher.digest(raw)), raw

    return make


# Every kind of place


def test_a_plan_saves_and_its_key_reads(
    kept_outside: Kept, client_of: Callable[[str], Client], api_of: Callable[[str], APIClient]
) -> None:
    """A plan saves there, the watch sees it, who has the key reads it bit by bit, and the pages say where it is."""
    kept = kept_outside
    first = kept.save()
    assert (first.files, first.unread) == (3, 0)
    assert kept.save().added < first.added
    assert not (Path(settings.DATA_DIR) / "backups" / kept.repository.repository_id).exists()
    watching.watch(kept.repository)
    assert alerts(kept.repository) == []
    assert kept.repository.snapshots.exclude(received_at=None).count() == 2
    held = {sha256(content).hexdigest() for content in kept.contents(first).values()}
    assert held == {sha256(files.open(row).read()).hexdigest() for row in StoredFile.objects.all()}
    objects.measure(kept.repository)
    kept.repository.refresh_from_db()
    assert kept.repository.used > first.added
    page = client_of("owner").get(kept.repository.get_absolute_url()).content.decode()
    assert "Second site, Brest" in page
    shown = api_of("owner").get(f"/api/v1/backup/repositories/{kept.repository.pk}/").json()
    assert (shown["folder"], shown["place"]["label"]) == (WHERE, "Second site, Brest")


def test_nothing_clear_reaches_the_place(kept_outside: Kept) -> None:
    """Neither a name nor a word of what is saved stands in any object there, or in what is kept near."""
    kept_outside.save()
    with stores.patient(kept_outside.repository) as store:
        everything = b"".join(store.read(one.name) for folder in layout.FOLDERS for one in store.list(folder))
    everything += b"".join(path.read_bytes() for path in kept_outside.repository.cache.rglob("*") if path.is_file())
    assert len(everything) > 1000
    for secret in (b"Compte rendu", b"inclusions", b"lactate", b"PAR1"):
        assert secret not in everything


def test_a_repository_is_discarded(world: World, outside: Outside) -> None:
    """One whose key was lost before its first use goes from there, with what the server remembered of it."""
    owner = world.user["owner"]
    made = found(owner, world.project, name="Lost", folder=WHERE)
    row = made.repository
    repositories.discard_repository(owner, row)
    assert not Repository.objects.exists()
    with stores.patient(row) as store:
        store.prepare()
        assert all(list(store.list(folder)) == [] for folder in layout.FOLDERS)


def test_a_project_takes_its_repositories_along(kept_outside: Kept) -> None:
    """Erasing a project erases what it has in places outside."""
    kept_outside.save()
    row = kept_outside.repository
    assert row.memory.is_dir()
    assert repositories.erase(kept_outside.world.project) == {"backup.folders": 1}
    with stores.patient(row) as store:
        store.prepare()
        assert list(store.list("packs")) == []
    assert not row.memory.exists()
    assert repositories.erase(kept_outside.world.project) == {"backup.folders": 1}, "harmless to repeat"


# Agents and people, through the portal


def test_an_agent_works_through_the_portal(far_fleet: Fleet, pack: Pack, bucket: Outside) -> None:
    """What an agent puts to the portal lies in the place; it reads, lists and deletes within its duty, as ever."""
    machine, keeper = far_fleet.ready("save"), far_fleet.ready("keep")
    name, raw = pack(100_000)
    assert machine.put(name, raw).status_code == 201
    assert machine.put(name, raw).status_code == 412
    assert machine.get(name).status_code == 403
    with stores.patient(far_fleet.kept.repository) as store:
        assert store.read(name) == raw
    assert keeper.get(name).content == raw
    part = keeper.get(name, range="bytes=10-29")
    assert (part.status_code, part.content, part["Content-Range"]) == (206, raw[10:30], f"bytes 10-29/{len(raw)}")
    assert bucket.door is not None
    bucket.door.calls.clear()
    assert keeper.client.head(f"{keeper.objects}{name}")["Content-Length"] == str(len(raw))
    assert {call.method for call in bucket.door.calls} == {"HEAD"}, "a size is told without reading"
    assert "Credential=of-the-key_file/" in bucket.door.calls[0].header("Authorization"), "the place's own"
    assert keeper.client.delete(f"{keeper.objects}{name}").status_code == 204
    assert keeper.get(name).status_code == 404
    snapshot, signed = snapshot_of(far_fleet, machine)
    assert machine.put(snapshot, signed).status_code == 201


def snapshot_of(fleet: Fleet, machine: Machine) -> tuple[str, bytes]:
    from backup.engine.format import snapshots
    from backup.engine.format.snapshots import Counts, Effort, Taken

    assert machine.key is not None
    with stores.patient(fleet.kept.repository) as store:
        opened = Opened.open(store, machine.key)
        taken = Taken("row", "machine", (), (), 1, 2, b"", 0, (), Counts(), Effort(), {})
        raw = snapshots.write(opened.config, opened.key, 1, bytes(32), taken)
    return layout.snapshot_name(machine.key.key_id, 1), raw


def test_a_large_object_is_streamed(far_fleet: Fleet, pack: Pack) -> None:
    """A pack of 20 MiB goes in and comes out whole, and a browser reads any part of it."""
    machine, keeper = far_fleet.ready("save"), far_fleet.ready("keep")
    name, raw = pack(20 << 20)
    assert machine.put(name, raw).status_code == 201
    answer = keeper.get(name)
    assert b"".join(answer.streaming_content) == raw
    assert keeper.get(name, range=f"bytes={len(raw) - 5}-").content == raw[-5:]


def test_listings_ask_for_one_page(
    far_fleet: Fleet, pack: Pack, bucket: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of a listing costs one call, wherever in the row it is."""
    machine = far_fleet.ready("save")
    made = sorted(pack(10) for _number in range(12))
    for name, raw in made:
        assert machine.put(name, raw).status_code == 201
    assert bucket.door is not None
    bucket.door.calls.clear()
    asked = {"folder": "packs", "limit": "5", "after": made[4][0]}
    answer = machine.client.get(machine.objects, asked).json()
    assert [one["name"] for one in answer["objects"]] == [name for name, _raw in made[5:10]]
    assert answer["next"] == made[9][0]
    assert len(bucket.door.calls) == 1


def test_the_quota_holds(far_fleet: Fleet, pack: Pack) -> None:
    """What doesn't fit the quota isn't sent there; what is there already is said to be."""
    machine = far_fleet.ready("save")
    name, raw = pack(1000)
    assert machine.put(name, raw).status_code == 201
    used = Repository.objects.get().used
    Repository.objects.update(quota=used + 1500)
    assert machine.put(*pack(2000)).status_code == 507
    assert machine.put(name, raw).status_code == 412
    assert machine.put(*pack(1000)).status_code == 201
    assert machine.put(*pack(1000)).status_code == 507


def test_people_read_and_strangers_find_nothing(
    kept_in_bucket: Kept, api_of: Callable[[str], APIClient], client_of: Callable[[str], Client]
) -> None:
    """Who may restore reads the ciphertext; who may only look is refused; a stranger finds nothing."""
    kept_in_bucket.save()
    url = f"/api/v1/backup/repositories/{kept_in_bucket.repository.pk}/objects/"
    [config] = api_of("owner").get(url, {"folder": "config"}).json()["objects"]
    assert len(api_of("owner").get(f"{url}{config['name']}").content) == config["size"]
    for who, code in (("monitor", 403), ("stranger", 404), ("anonymous", 401)):
        assert api_of(who).get(url, {"folder": "config"}).status_code == code
        assert api_of(who).get(f"{url}{config['name']}").status_code == code
    assert client_of("stranger").get(kept_in_bucket.repository.get_absolute_url()).status_code == 404


# When the place is away


def test_the_place_goes_away_and_comes_back(
    quick: Any,
    kept_in_bucket: Kept,
    bucket: Outside,
    api_of: Callable[[str], APIClient],
    client_of: Callable[[str], Client],
) -> None:
    """Readers get 503 in words, the watch raises an alert that the page shows, and all is well once it answers."""
    kept = kept_in_bucket
    kept.save()
    assert bucket.door is not None
    url = f"/api/v1/backup/repositories/{kept.repository.pk}/objects/"
    bucket.door.rules.append(faulty.unreachable)
    for path, asked in ((url, {"folder": "packs"}), (f"{url}config/00000001", {})):
        answer = api_of("owner").get(path, asked)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:suite-interhop:problem:store-away")
    watching.watch(kept.repository)
    assert alerts(kept.repository) == ["unreachable"]
    page = client_of("owner").get(kept.repository.get_absolute_url()).content.decode()
    assert "Depuis" in page or "Since" in page
    bucket.door.rules.clear()
    watching.watch(kept.repository)
    assert alerts(kept.repository) == []
    assert told("backup.alert_resolved") == [{"kind": "unreachable"}]


def test_a_save_in_mid_way(kept_in_bucket: Kept, bucket: Outside) -> None:
    """A place that answers with errors for a moment costs a save nothing but time."""
    assert bucket.door is not None
    bucket.door.rules.append(faulty.times(3, faulty.status(503, "SlowDown"), method="PUT", part="packs"))
    snapshot = kept_in_bucket.save()
    assert snapshot.unread == 0
    assert LETTER in kept_in_bucket.contents(snapshot).values()


def test_a_dead_place_keeps_nobody_waiting(
    quick: Any, far_fleet: Fleet, bucket: Outside, api_of: Callable[[str], APIClient]
) -> None:
    """A store that takes calls and never answers costs seconds, and then nothing: the next are told at once."""
    url = f"/api/v1/backup/repositories/{far_fleet.kept.repository.pk}/objects/config/00000001"
    assert bucket.door is not None
    over = Event()
    bucket.door.rules.append(faulty.hangs(over))
    try:
        began = time.monotonic()
        assert api_of("owner").get(url).status_code == 503
        assert api_of("owner").get(url).status_code == 503
        assert time.monotonic() - began < 8
        began = time.monotonic()
        assert api_of("owner").get(url).status_code == 503
        assert time.monotonic() - began < 0.5
    finally:
        over.set()


def test_what_an_agent_says_waits(quick: Any, far_fleet: Fleet, bucket: Outside) -> None:
    """While the place is away, the end of a run and a key are not taken for wrong: the agent says them again."""
    machine, other = far_fleet.ready("save"), far_fleet.enrolled("save")
    run = runs.begin(machine.agent, plan_id=far_fleet.plan(machine).pk, run_id=uuid4())
    name, raw = snapshot_of(far_fleet, machine)
    assert machine.put(name, raw).status_code == 201
    key, sealed = far_fleet.sealed(other)
    assert key.badge is not None
    now = timezone.now()
    numbers = dict.fromkeys(("files", "bytes", "added", "fresh", "dense", "changed", "unread"), 0)
    taken = runs.Taken(
        snapshot_id=cipher.digest(raw).hex(),
        sequence=1,
        manifest="0" * 64,
        source="row",
        host="machine",
        store_differs=False,
        started_at=now,
        finished_at=now,
        **numbers,
    )
    assert bucket.door is not None
    bucket.door.rules.append(faulty.unreachable)
    with pytest.raises(Away):
        runs.end(machine.agent, run.pk, runs.Report(number=1), runs.Outcome("done", snapshot=taken))
    with pytest.raises(Away):
        agents.deliver_key(far_fleet.owner, other.agent, sealed=sealed, badge=key.badge.raw)
    bucket.door.rules.clear()
    stores._shared._open.clear()  # as the rest of three seconds would
    assert runs.end(machine.agent, run.pk, runs.Report(number=1), runs.Outcome("done", snapshot=taken)).state == "done"
    assert agents.deliver_key(far_fleet.owner, other.agent, sealed=sealed, badge=key.badge.raw).key_id


def test_only_so_many_wait_for_it(quick: Any, kept_in_bucket: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who wait for a slow place hold the database's connections: beyond a few they are turned away."""
    from threading import BoundedSemaphore

    from backup.engine.errors import Unreachable

    monkeypatch.setattr(stores.Gate, "_room", BoundedSemaphore(1))
    monkeypatch.setattr(stores, "AT_THE_GATE", 0.05)
    store = stores.store_of(kept_in_bucket.repository)
    assert store.read("config/00000001")
    stores.Gate._room.acquire()
    with pytest.raises(Unreachable, match="too many"):
        store.read("config/00000001")
    stores.Gate._room.release()
    assert store.read("config/00000001")


def test_a_place_that_is_no_more_declared(kept_in_bucket: Kept, declare: Declare, settings: Any) -> None:
    """A repository whose place was taken out of the settings is unreachable, and said to be so; it isn't lost."""
    declared, settings.BACKUP_PLACES = settings.BACKUP_PLACES, {}
    watching.watch(kept_in_bucket.repository)
    assert alerts(kept_in_bucket.repository) == ["unreachable"]
    from backup import health

    assert "offsite" in str(health.places_answer().message)
    settings.BACKUP_PLACES = declared
    watching.watch(kept_in_bucket.repository)
    assert alerts(kept_in_bucket.repository) == []


# Locks


def test_what_is_locked_stays(
    world: World, provider: Provider, tmp_path: Path, declare: Declare, client_of: Callable[[str], Client]
) -> None:
    """In a place with locks nobody takes a repository away before its time, and it is said until when."""
    declare(of_bucket(provider, tmp_path, "&lock=governance:30"))
    owner = world.user["owner"]
    made = found(owner, world.project, name="Locked", folder=WHERE)
    page = client_of("owner").get(made.repository.get_absolute_url()).content.decode()
    assert "30" in page
    for act in (
        lambda: repositories.discard_repository(owner, made.repository),
        lambda: repositories.erase(world.project),
    ):
        with pytest.raises(Conflict, match=r"20\d\d"):
            act()
    assert Repository.objects.filter(name="Locked").exists()
    key = keyfile.load(made.keyfile)
    assert Opened.open(stores.store_of(made.repository), key).config.number == 1


def test_a_shared_store_is_closed_when_it_is_idle(kept_in_bucket: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads of a process share one store of a repository; one that nobody uses any more is dropped."""
    import weakref

    row = kept_in_bucket.repository
    first = stores.store_of(row)
    assert stores.store_of(row) is first
    monkeypatch.setattr(stores, "IDLE", 0.0)
    gone = weakref.ref(first)
    del first
    other = Repository(folder=WHERE, repository_id="ab" * 16)
    stores.store_of(other)
    assert gone() is None
    assert kept_in_bucket.save().files == 3
