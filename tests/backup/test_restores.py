"""Restores: with the key that people hold, verified file by file, gone after a day."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from backup.engine.format import keyfile, keys
from backup.engine.reading import archive
from backup.models import Restore
from backup.services import repositories, restores
from backup.services.contents import RESTORED, contents
from backup.services.tidying import tidy
from core import access, files, jobs
from core.access.demo import World
from core.errors import Conflict, Invalid
from core.files.models import StoredFile
from core.jobs import execution
from core.jobs.stops import Cancelled
from tests.backup.portal import LETTER, Kept, done, told


def test_a_restore_is_bit_identical(kept: Kept) -> None:
    """Every file comes back with the hash that the snapshot holds, and the key is forgotten."""
    snapshot = kept.save()
    row = kept.restore(snapshot)
    assert (row.files, row.identical, row.problems, bytes(row.sealed_key)) == (3, 3, [], b"")
    assert row.is_identical
    with zipfile.ZipFile(files.open(restores.download(kept.world.user["owner"], row))) as zipped:
        names = zipped.namelist()
        [letter] = [name for name in names if name.endswith("Compte rendu_1.txt")]
        assert zipped.read(letter) == LETTER
        assert zipped.read("datasets/inclusions/v1.parquet")[:4] == b"PAR1"
        report = json.loads(zipped.read("restore-report.json"))
    assert report["problems"] == []
    assert {file["path"] for file in report["files"]} == {name for name in names if not name.endswith(("/", ".json"))}
    assert len(told("backup.restore_asked")) == len(told("backup.restore_done")) == 1
    assert len(told("backup.restore_downloaded")) == 1


def test_the_key_is_held_sealed_and_only_a_reading_key(kept: Kept) -> None:
    """While the job waits, the row holds no master key and nothing in clear."""
    row = kept.ask(kept.save())
    sealed = bytes(row.sealed_key)
    assert b"BEGIN" not in sealed
    from core import vault

    held = keyfile.load(vault.open(row.project, sealed, row.key_context).decode())
    assert (held.role, held.seed) == (keys.Role.READER, None)
    assert row.job is not None
    assert "BEGIN" not in json.dumps(row.job.arguments)


def test_damage_is_found_and_left_out(kept: Kept) -> None:
    """What is damaged in the repository is named and left out; the restore says that it is incomplete."""
    snapshot = kept.save()
    largest = max(kept.repository.path.glob("packs/*/*"), key=lambda path: path.stat().st_size)
    raw = bytearray(largest.read_bytes())
    raw[200] ^= 1
    largest.write_bytes(raw)
    row = kept.restore(snapshot)
    assert row.identical == row.files - 1
    assert row.problems
    assert not row.is_identical
    with zipfile.ZipFile(files.open(restores.download(kept.world.user["owner"], row))) as zipped:
        assert zipped.testzip() is None
        assert sum(not name.endswith(("/", ".json")) for name in zipped.namelist()) == 2


def test_wrong_keys(kept: Kept, world: World) -> None:
    """Another repository's key, the server's own key, a broken file and a wrong passphrase are each told apart."""
    snapshot = kept.save()
    other = repositories.create_repository(world.user["owner"], world.project, name="O", passphrase="correct horse")
    for place, code, values in (
        ("key", "other", {"key": other.keyfile, "passphrase": "correct horse"}),
        ("passphrase", "wrong", {"key": other.keyfile, "passphrase": "wrong horse!"}),
        ("passphrase", "wrong", {"key": other.keyfile}),
        ("key", "other", {"key": kept.repository.writer_key}),
        ("key", "damaged", {"key": kept.keyfile[:300]}),
        ("key", "damaged", {"key": "hello"}),
        ("reason", "required", {"reason": "  "}),
    ):
        with pytest.raises(Invalid) as refused:
            kept.ask(snapshot, **values)
        assert [(fault.place, fault.code) for fault in refused.value.faults] == [(place, code)]
    assert not Restore.objects.exists()
    shutil.rmtree(other.repository.path)


def test_a_protected_key_restores(world: World, settings: Settings, tmp_path: Path) -> None:
    """A key with a passphrase restores with it."""
    from tests.backup import portal

    settings.BACKUP_FOLDERS = [tmp_path]
    portal.fill(world)
    kept = portal.keep(world, tmp_path, "un château de cartes")
    snapshot = kept.save()
    row = kept.ask(snapshot, passphrase="un château de cartes")
    assert row.job is not None
    done(row.job)
    row.refresh_from_db()
    assert row.is_identical


def test_only_who_may_restores(kept: Kept) -> None:
    """Even with the key, nobody restores through the suite without the right to health data."""
    snapshot = kept.save()
    for who in ("administrator", "monitor", "member", "researcher", "stranger"):
        with pytest.raises(access.Refused):
            restores.restore(kept.world.user[who], snapshot, key=kept.keyfile, reason="Curiosity")


def test_what_was_restored_expires(kept: Kept) -> None:
    """After a day the archive can't be fetched, and the next work in the project erases it; it is never saved."""
    row = kept.restore(kept.save())
    assert all(stream.path.startswith(("datasets/", "files/")) for stream in contents(kept.plan).streams)
    assert not any(f"{row.archive_id}" in stream.path for stream in contents(kept.plan).streams)
    Restore.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    row.refresh_from_db()
    with pytest.raises(Conflict):
        restores.download(kept.world.user["owner"], row)
    tidy(kept.world.project)
    row.refresh_from_db()
    assert row.archive is None
    assert StoredFile.objects.get(kind=RESTORED).erased_at is not None


def test_the_key_of_a_dead_restore_is_forgotten(kept: Kept) -> None:
    """When a restore is cancelled before it began, the next work in the project forgets its key."""
    row = kept.ask(kept.save())
    assert row.job is not None
    jobs.cancel(kept.world.user["owner"], row.job)
    tidy(kept.world.project)
    row.refresh_from_db()
    assert bytes(row.sealed_key) == b""


@pytest.mark.parametrize("end", [Cancelled, RuntimeError])
def test_a_restore_that_ends_while_it_is_read_back_leaves_nothing(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    """Cancelled or failed before its archive was compared, a restore keeps no copy of what it restored."""
    row = ended_while_read_back(kept, monkeypatch, end)
    assert row.archive is None
    assert not StoredFile.objects.filter(kind=RESTORED).exists()


def test_what_a_crash_leaves_is_erased(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine stopped in between, the next work erases the archive; that of a living restore stays."""
    with monkeypatch.context() as crash:
        crash.setattr(files, "discard", lambda stored: None)
        ended_while_read_back(kept, crash, RuntimeError)
    left = StoredFile.objects.get(kind=RESTORED)
    whole = kept.restore(kept.save())  # this save tidied up
    left.refresh_from_db()
    assert left.erased_at is not None
    assert whole.archive is not None
    assert whole.archive.erased_at is None
    living = kept.ask(whole.snapshot)
    under_way = files.store(None, living.project, io.BytesIO(b"zip"), name="a.zip", kind=RESTORED)
    tidy(living.project)
    under_way.refresh_from_db()
    assert under_way.erased_at is None
    tidy(living.project, but=living)
    under_way.refresh_from_db()
    assert under_way.erased_at is not None


def ended_while_read_back(kept: Kept, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]) -> Restore:
    def stop(*_arguments: object, **_named: object) -> None:
        raise end

    row = kept.ask(kept.save())
    assert row.job is not None
    monkeypatch.setattr(archive, "identical", stop)
    execution.execute(row.job.pk, threaded=False)
    row.refresh_from_db()
    assert row.job.state != "done"
    return row


def test_a_restore_is_done_once(kept: Kept) -> None:
    """Tried again after its end, a restore has no key any more and says so."""
    row = kept.ask(kept.save())
    assert row.job is not None
    Restore.objects.filter(pk=row.pk).update(sealed_key=b"")
    execution.execute(row.job.pk, threaded=False)
    row.job.refresh_from_db()
    assert row.job.state == "failed"
    assert row.job.error
