"""The server watches: it opens the log of snapshots and nothing else, and says what is wrong until it is right."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backup.engine import repository as engine
from backup.engine.errors import KeyRefused
from backup.engine.format import keyfile, layout
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Role
from backup.engine.history import History, say
from backup.engine.reading.catalogue import Catalogue
from backup.engine.saving.save import save
from backup.engine.saving.state import State
from backup.engine.sources.streams import Stream, StreamSource
from backup.engine.stores.local import LocalStore
from backup.models import Plan, Repository, Run, Snapshot
from backup.services import agents, judging, saving, watching
from core.audit.models import Event
from core.notices.models import Notice
from tests.backup.founding import found
from tests.backup.portal import Kept


def opened(kept: Kept, role: Role | None = None) -> engine.Repository:
    """The repository with the master's key, or with a new one of a role."""
    master = engine.Repository.open(LocalStore(kept.repository.path), keyfile.load(kept.keyfile))
    if role is None:
        return master
    return engine.Repository.open(master.store, master.derive(role, label=role.name, now=1))


def elsewhere(
    kept: Kept, text: bytes = b"hello", source: str = "laptop", clock: Callable[[], int] = time.time_ns
) -> None:
    """A machine that the server knows nothing of saves into the repository."""
    with State(kept.repository.path.parent / f"state-{time.monotonic_ns()}") as state:
        streams = StreamSource(source, [Stream("file", lambda: io.BytesIO(text), len(text))])
        save(opened(kept, Role.WRITER), state, streams, clock=clock)


def kinds(kept: Kept) -> set[str]:
    return set(kept.repository.alerts.filter(resolved_at=None).values_list("kind", flat=True))


@pytest.mark.django_db
def test_the_key_to_watch_with_opens_nothing_else(kept: Kept) -> None:
    """What the server holds to watch lists snapshots; neither names nor contents open with it."""
    elsewhere(kept)
    lister = keyfile.load(kept.repository.lister_key)
    assert lister.role is Role.LISTER
    repository = engine.Repository.open(LocalStore(kept.repository.path), lister)
    [snapshot] = repository.snapshots()
    assert snapshot.source == "laptop"
    with pytest.raises(KeyRefused):
        Catalogue(repository, snapshot)


@pytest.mark.django_db
def test_what_others_save_is_seen(kept: Kept) -> None:
    """A backup that some machine made on its own appears with its numbers, once."""
    elsewhere(kept, b"x" * 1000)
    for _ in range(2):
        watching.watch(kept.repository)
    [found] = kept.repository.snapshots.filter(source="laptop")
    assert (found.files, found.bytes, found.plan, found.sequence) == (1, 1000, None, 1)
    assert found.received_at is not None
    kept.repository.refresh_from_db()
    assert kept.repository.watched_at is not None


@pytest.mark.django_db
def test_what_is_forgotten_is_marked(kept: Kept) -> None:
    """A backup that an act forgets is marked, then shown as gone; one that is recalled comes back."""
    elsewhere(kept)
    keeper = opened(kept, Role.PRUNER)
    [snapshot] = keeper.snapshots()
    which = (snapshot.head.author, snapshot.head.sequence, snapshot.id)
    say(keeper.store, keeper.config, keeper.key, keeper.history(), Clear(), Said(forget=(which,)))
    watching.watch(kept.repository)
    found = kept.repository.snapshots.get(source="laptop")
    assert found.forgotten_at is not None
    assert found.gone_at is None
    say(keeper.store, keeper.config, keeper.key, keeper.history(), Clear(), Said(recall=(which,), hold=(snapshot.id,)))
    watching.watch(kept.repository)
    found.refresh_from_db()
    assert (found.forgotten_at, found.held) == (None, True)
    say(
        keeper.store,
        keeper.config,
        keeper.key,
        keeper.history(),
        Clear(),
        Said(forget=(which,), release=(snapshot.id,)),
    )
    keeper.store.delete(snapshot.name)
    watching.watch(kept.repository)
    found.refresh_from_db()
    assert found.gone_at is not None
    assert "taken" not in kinds(kept)


@pytest.mark.django_db
def test_what_is_taken_away_is_told(kept: Kept) -> None:
    """A backup that vanishes though nobody forgot it is an alert, told at once, and over when it is back."""
    elsewhere(kept)
    watching.watch(kept.repository)
    [snapshot] = opened(kept).snapshots()
    raw = LocalStore(kept.repository.path).read(snapshot.name)
    LocalStore(kept.repository.path).delete(snapshot.name)
    watching.watch(kept.repository)
    assert "taken" in kinds(kept)
    told = Notice.objects.filter(kind="backup.alert_taken", urgent=True)
    assert kept.world.user["owner"] in {notice.user for notice in told}
    assert kept.world.user["stranger"] not in {notice.user for notice in told}
    before = told.count()
    watching.watch(kept.repository)
    assert told.count() == before, "it is told once"
    LocalStore(kept.repository.path).create(snapshot.name, [raw])
    watching.watch(kept.repository)
    assert "taken" not in kinds(kept)
    assert Notice.objects.filter(kind="backup.alert_resolved").exists()
    assert {"backup.alert_raised", "backup.alert_resolved"} <= set(Event.objects.values_list("action", flat=True))


@pytest.mark.django_db
def test_what_takes_the_place_of_another_is_told(kept: Kept) -> None:
    """A writer's key makes another snapshot under a number that is taken: the row stays what it was, and it is told."""
    elsewhere(kept)
    watching.watch(kept.repository)
    first = "ab" * 32
    kept.repository.snapshots.update(snapshot_id=first, files=7)  # as though this one had been seen there
    watching.watch(kept.repository)
    assert "taken" in kinds(kept)
    row = kept.repository.snapshots.get()
    assert (row.snapshot_id, row.files) == (first, 7)


@pytest.mark.django_db
def test_the_latest_time_there_is(kept: Kept, client_of: Callable[[str], Client]) -> None:
    """A backup dated as late as the format can say hides no page."""
    elsewhere(kept, clock=lambda: (1 << 64) - 1)
    watching.watch(kept.repository)
    assert kept.repository.snapshots.get().finished_at.year == 2554
    page = client_of("owner").get(reverse("backup:home", args=[kept.world.project.slug]))
    assert page.status_code == 200


@pytest.mark.django_db
def test_a_number_beyond_counting_is_damage(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that numbers its snapshot beyond all that it could have made is told of, and hides nothing."""
    monkeypatch.setattr(watching, "_MOST_INT", 0)
    elsewhere(kept)
    watching.watch(kept.repository)
    assert kinds(kept) == {"damaged"}
    assert not kept.repository.snapshots.exists()


@pytest.mark.django_db
def test_a_repository_that_is_gone(kept: Kept) -> None:
    """A repository whose disk isn't there is an alert; nothing else about it is forgotten."""
    elsewhere(kept)
    watching.watch(kept.repository)
    kept.repository.path.rename(kept.repository.path.with_name("away"))
    watching.watch(kept.repository)
    assert "unreachable" in kinds(kept)
    assert kept.repository.snapshots.filter(source="laptop", gone_at=None).exists()
    kept.repository.path.with_name("away").rename(kept.repository.path)
    watching.watch(kept.repository)
    assert "unreachable" not in kinds(kept)


@pytest.mark.django_db
def test_a_forged_config_is_damage(kept: Kept) -> None:
    """A config that the master didn't sign is told as damage."""
    path = kept.repository.path / layout.config_name(1)
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    watching.watch(kept.repository)
    assert "damaged" in kinds(kept)


@pytest.mark.django_db
def test_a_backup_that_is_being_recorded_is_not_missed(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup that is recorded while the watch looks wasn't in what it saw, and is no alert."""
    look = engine.Repository.examine

    def slowly(repository: engine.Repository, history: History) -> Iterator[object]:
        yield from list(look(repository, history))
        kept.save()

    with monkeypatch.context() as patch:
        patch.setattr(engine.Repository, "examine", slowly)
        watching.watch(kept.repository)
    assert "taken" not in kinds(kept)
    assert kept.repository.snapshots.count() == 1
    watching.watch(kept.repository)
    assert kinds(kept) == set()


@pytest.mark.django_db
def test_the_watch_may_be_quicker_than_who_saves(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup that the watch saw before the job had recorded it is one row, with its plan and its job."""
    record = saving._record

    def late(*arguments: Any, **options: Any) -> Snapshot:
        watching.watch(kept.repository)
        assert kept.repository.snapshots.get().plan is None
        return record(*arguments, **options)

    monkeypatch.setattr(saving, "_record", late)
    snapshot = kept.save()
    assert kept.repository.snapshots.get() == snapshot
    assert (snapshot.plan, snapshot.datasets) == (kept.plan, 2)
    assert snapshot.job is not None
    assert snapshot.received_at is not None


@pytest.mark.django_db
def test_one_that_cannot_be_watched_hinders_no_other(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong with one repository, the others are looked at."""
    found(kept.world.user["owner"], kept.world.project, name="Another", confirmed=True)
    seen = []
    look = watching.watch

    def watch(row: Repository) -> None:
        seen.append(row.name)
        if row.name == "Another":
            raise RuntimeError("of any kind")
        look(row)

    monkeypatch.setattr(watching, "watch", watch)
    watching.watch_all()
    assert sorted(seen) == ["Another", "Principal"]
    kept.repository.refresh_from_db()
    assert kept.repository.watched_at is not None


@pytest.mark.django_db
def test_who_looks_after_a_repository_makes_no_backup(kept: Kept) -> None:
    """The plan of an agent that forgets and prunes is late by its runs, not for want of a backup."""
    owner = kept.world.user["owner"]
    keeper = agents.make_agent(owner, kept.world.project, name="Keeper", duty="keep", repository=kept.repository).agent
    now = timezone.now()
    plan = Plan.objects.create(
        project=kept.world.project,
        repository=kept.repository,
        name="Prune",
        agent=keeper,
        datasets=False,
        files=False,
        every="daily 02:30",
        owner=owner,
    )
    Plan.objects.filter(pk=plan.pk).update(created_at=now - timedelta(days=9))
    run = Run.objects.create(
        project=kept.world.project, plan=plan, agent=keeper, state="done", started_at=now, ended_at=now
    )
    assert [found.kind for found in judging.judge(kept.repository) if found.plan == plan] == []
    Run.objects.filter(pk=run.pk).update(ended_at=now - timedelta(days=5), started_at=now - timedelta(days=5))
    assert [found.kind for found in judging.judge(kept.repository) if found.plan == plan] == ["stale"]
