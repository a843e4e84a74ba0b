"""Openings: who opens a repository with the key that only people hold, why, and how much is taken out."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone

from backup.models import Opening
from backup.services import openings, repositories, tidying
from backup.services.contents import RESTORED, contents
from core import access, files
from core.access.demo import World
from core.audit.models import Event
from core.errors import Invalid
from core.files.models import StoredFile
from tests.backup.founding import found
from tests.backup.portal import Kept, told

ClientOf = Callable[[str], Client]


def test_who_opens_says_why(kept: Kept) -> None:
    """The reason is in the audit trail before anything is read; without one, nothing is opened."""
    owner, snapshot = kept.world.user["owner"], kept.save()
    with pytest.raises(Invalid) as refused:
        openings.open_repository(owner, kept.repository, reason="  ")
    assert [(fault.place, fault.code) for fault in refused.value.faults] == [("reason", "required")]
    opening = openings.open_repository(owner, kept.repository, reason=" Drill ", snapshot=snapshot)
    assert (opening.reason, opening.repository, opening.took_at, opening.ended_at) == (
        "Drill",
        kept.repository,
        None,
        None,
    )
    event = Event.objects.get(action="backup.opened")
    assert (event.reason, event.details) == ("Drill", {"snapshot": snapshot.snapshot_id})


def test_a_backup_of_another_repository(kept: Kept) -> None:
    """A repository isn't opened at a backup that lies in another one."""
    owner, snapshot = kept.world.user["owner"], kept.save()
    other = found(owner, kept.world.project, name="Other").repository
    with pytest.raises(Invalid) as refused:
        openings.open_repository(owner, other, reason="Drill", snapshot=snapshot)
    assert [fault.place for fault in refused.value.faults] == ["snapshot"]
    opening = openings.open_repository(owner, other, reason="Drill")
    repositories.discard_repository(owner, other)
    assert not Opening.objects.filter(pk=opening.pk).exists(), "it goes with a repository that never held anything"


def test_what_is_taken_out_is_counted(kept: Kept) -> None:
    """Numbers add up, each time with an event of its own; no name is among them."""
    owner = kept.world.user["owner"]
    opening = kept.open(kept.save())
    openings.took(owner, opening, files=2, bytes=300, left_out=0)
    opening = openings.took(owner, opening, files=1, bytes=5 << 40, left_out=4)
    assert (opening.files, opening.bytes, opening.left_out) == (3, 300 + (5 << 40), 4)
    assert opening.took_at is not None
    assert told("backup.restored") == [
        {"files": 2, "bytes": 300, "left_out": 0},
        {"files": 1, "bytes": 5 << 40, "left_out": 4},
    ]
    ended = openings.close(owner, opening).ended_at
    assert ended is not None
    assert openings.close(owner, opening).ended_at == ended


def test_only_who_may_opens(kept: Kept) -> None:
    """Even with the key, nobody opens a repository through the suite without the right to health data."""
    snapshot = kept.save()
    for who in ("administrator", "monitor", "member", "researcher", "stranger"):
        with pytest.raises(access.Refused):
            kept.open(snapshot, who)
    assert not Opening.objects.exists()


def test_each_counts_what_he_takes_himself(kept: Kept, world: World) -> None:
    """Nobody adds to what another has opened, though he sees it."""
    opening = kept.open(kept.save())
    membership = world.user["owner"].memberships.get(project=world.project)
    other = world.user["member"].memberships.get(project=world.project)
    other.roles.set(membership.roles.all())
    other.all_sites = True
    other.save()
    assert Opening.objects.visible_to(world.user["member"]).get() == opening
    for act in (
        lambda: openings.took(world.user["member"], opening, files=1, bytes=1, left_out=0),
        lambda: openings.close(world.user["member"], opening),
    ):
        with pytest.raises(access.Refused):
            act()


def test_the_pages_tell_who_opened(kept: Kept, client_of: ClientOf) -> None:
    """The backup's page and the repository's tell who may restore of the openings, and nobody else."""
    snapshot = kept.save()
    opening = kept.open(snapshot)
    openings.took(kept.world.user["owner"], opening, files=7, bytes=3000, left_out=2)
    for page in (snapshot.get_absolute_url(), kept.repository.get_absolute_url()):
        shown = client_of("owner").get(page).content.decode()
        assert "Drill" in shown
        assert "7" in shown
        assert "Drill" not in client_of("monitor").get(page).content.decode()


def test_the_ways_back_are_whole(kept: Kept, client_of: ClientOf) -> None:
    """The page has the command with the address and the identifier in it; a backup that is gone says so instead."""
    snapshot = kept.save()
    page = client_of("owner").get(snapshot.get_absolute_url()).content.decode()
    assert f"/{kept.repository.pk} -k reader.key restore {snapshot.snapshot_id[:16]} --target restored" in page
    snapshot.forgotten_at = timezone.now()
    snapshot.save()
    page = client_of("owner").get(snapshot.get_absolute_url()).content.decode()
    assert "suite-backup recall" in page
    assert "--target restored" in page
    snapshot.gone_at = timezone.now()
    snapshot.save()
    assert "--target restored" not in client_of("owner").get(snapshot.get_absolute_url()).content.decode()


def test_the_page_of_files_holds_nothing_of_them(kept: Kept, client_of: ClientOf) -> None:
    """What the server sends for the browser is an empty page and where the ciphertext lies; nothing caches it."""
    snapshot = kept.save()
    answer = client_of("owner").get(f"{snapshot.get_absolute_url()}files/")
    assert "no-store" in answer["Cache-Control"]
    page = answer.content.decode()
    assert "inclusions" not in page
    assert str(kept.repository.pk) in page
    form = page[page.index('data-part="form"') : page.index("</form>", page.index('data-part="form"'))]
    assert "name=" not in form, "what has no name is never sent"


def test_what_was_restored_on_the_server_is_erased(kept: Kept) -> None:
    """Archives that an earlier release made are in no backup, and are erased by the daily upkeep."""
    files.store(None, kept.world.project, io.BytesIO(b"zip"), name="a.zip", kind=RESTORED)
    assert not any("a.zip" in stream.path for stream in contents(kept.plan).streams)
    tidying.erase_archives()
    assert StoredFile.objects.get(kind=RESTORED).erased_at is not None


@pytest.mark.django_db(transaction=True)
def test_earlier_restores_are_kept_as_openings(kept: Kept) -> None:
    """Who restored what, when and why stays known; the keys and the archives of restores don't."""
    snapshot, owner = kept.save(), kept.world.user["owner"]
    executor = MigrationExecutor(connection)
    executor.migrate([("backup", "0006_sealed_files")])
    try:
        model = executor.loader.project_state([("backup", "0006_sealed_files")]).apps.get_model("backup", "Restore")
        now = timezone.now()
        values = {"project_id": kept.world.project.pk, "snapshot_id": snapshot.pk, "asked_by_id": owner.pk}
        done = model.objects.create(
            **values, reason="Drill", files=5, identical=3, bytes=900, ended_at=now, expires_at=now
        )
        begun = model.objects.create(**values, reason="Begun", sealed_key=b"sealed")
        early = now.replace(year=2020)
        model.objects.filter(pk=done.pk).update(created_at=early)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    row = Opening.objects.get(pk=done.pk)
    assert (row.reason, row.files, row.bytes, row.left_out) == ("Drill", 3, 900, 2)
    assert (row.created_at, row.took_at, row.ended_at, row.repository) == (early, now, now, kept.repository)
    row = Opening.objects.get(pk=begun.pk)
    assert (row.took_at, row.asked_by) == (None, owner)
    assert row.ended_at is not None
