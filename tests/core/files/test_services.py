"""Files of projects: stored whole or not at all, read by range, erased by dropping a key."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import files, vault
from core.audit.models import Event
from core.errors import Invalid
from core.files import drafts, services, storage
from core.files.models import StoredFile

CONTENT = bytes(range(256)) * 12_000  # 3 MB: three chunks


@pytest.fixture
def stored(world) -> StoredFile:
    return files.store(world.user["owner"], world.project, io.BytesIO(CONTENT), name="lettre Le Gall.pdf")


def on_disk(disk: Path) -> list[Path]:
    return [path for folder in ("files", "drafts") for path in (disk / folder).rglob("*") if path.is_file()]


def test_a_file_comes_back(world, stored, disk):
    """A stored file is read as it was, whole and by range; its row says its size, kind, and who brought it."""
    stored = StoredFile.objects.get()
    with files.open(stored) as file:
        assert file.read() == CONTENT
        file.seek(1_500_000)
        assert file.read(10) == CONTENT[1_500_000:1_500_010]
    assert (stored.name, stored.size, stored.kind) == ("lettre Le Gall.pdf", len(CONTENT), "upload")
    assert stored.created_by == world.user["owner"]
    with files.memory(stored) as memory:
        assert Path(memory.path).read_bytes() == CONTENT


def test_nothing_clear_is_on_disk(stored, disk):
    """The disk holds neither the content nor the name, in a file and a folder that only their owner opens."""
    (path,) = on_disk(disk)
    raw = path.read_bytes()
    assert CONTENT[:64] not in raw
    assert b"Le Gall" not in raw
    assert "Gall" not in str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_lines_are_read(world):
    """An opened file is a file object like any other: text is read by line."""
    stored = files.store(world.user["owner"], world.project, [b"a;b\n", b"1;2\n"], name="t.csv")
    with files.open(stored) as file:
        assert list(io.TextIOWrapper(file)) == ["a;b\n", "1;2\n"]


def test_an_empty_file_is_a_file(world):
    """No byte at all is stored and read too."""
    stored = files.store(world.user["owner"], world.project, io.BytesIO(), name="empty")
    with files.open(stored) as file:
        assert file.read() == b""
    with files.memory(stored) as memory:
        assert memory.size == 0


def test_equal_content_meets_in_its_project_only(world, stored):
    """Two equal files of a project have one digest; of two projects, two; and it isn't the plain SHA-256."""
    again = files.store(None, world.project, io.BytesIO(CONTENT), name="again")
    elsewhere = files.store(None, world.elsewhere, io.BytesIO(CONTENT), name="elsewhere")
    assert again.digest == stored.digest
    assert elsewhere.digest != stored.digest
    assert stored.digest != hashlib.sha256(CONTENT).hexdigest()


def test_past_the_limit_nothing_is_stored(world, disk):
    """A stream longer than the limit is refused in words, and nothing of it stays."""
    with pytest.raises(Invalid) as refused:
        files.store(world.user["owner"], world.project, io.BytesIO(CONTENT), name="big", limit=2 << 20)
    assert refused.value.faults[0].code == "too_large"
    assert "2,0\xa0Mio" in str(refused.value.message)
    assert on_disk(disk) == []
    assert not StoredFile.objects.exists()


def test_a_limit_may_be_met_exactly(world):
    """A stream as long as the limit is stored."""
    assert files.store(None, world.project, io.BytesIO(b"12345"), name="five", limit=5).size == 5


class Cut(io.BytesIO):
    """A connection that breaks after the first megabyte."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError("the client went away")
        return super().read(size)


def test_a_cut_connection_leaves_nothing(world, disk):
    """When the sender goes away in the middle, no file, no draft and no row is left."""
    with pytest.raises(ConnectionResetError):
        files.store(world.user["owner"], world.project, Cut(CONTENT), name="cut")
    assert on_disk(disk) == []
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("when", ["writing", "syncing", "moving"])
def test_a_full_disk_is_said_in_words(world, disk, monkeypatch, when):
    """When the disk is full, at whatever moment, the error says so and nothing is left."""

    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if when == "writing":
        monkeypatch.setattr(drafts.Whole, "write", full)
    elif when == "syncing":
        monkeypatch.setattr(drafts.os, "fsync", full)
    else:
        monkeypatch.setattr(storage.os, "link", full)
    with pytest.raises(Invalid) as refused:
        files.store(world.user["owner"], world.project, io.BytesIO(CONTENT), name="full")
    assert refused.value.faults[0].code == "no_space"
    assert on_disk(disk) == []
    assert not StoredFile.objects.exists()


def test_a_really_full_disk(world, disk, settings):
    """The same on a real device that is always full."""
    if not Path("/dev/full").exists():
        pytest.fail("this machine has no /dev/full")

    with open("/dev/full", "wb", buffering=0) as device, pytest.raises(Invalid) as refused, drafts.saying_full():  # noqa: PTH123
        drafts.Whole(device).write(memoryview(b"x" * 4096))
    assert refused.value.faults[0].code == "no_space"


def test_a_row_that_fails_takes_its_file_along(world, disk, monkeypatch):
    """When the row can't be written, the file is removed again."""

    def fails(*_args, **_kwargs):
        raise RuntimeError("no")

    monkeypatch.setattr(StoredFile, "save", fails)
    with pytest.raises(RuntimeError):
        files.store(world.user["owner"], world.project, io.BytesIO(b"x"), name="x")
    assert on_disk(disk) == []


def test_the_key_is_of_the_file(world, stored):
    """Two files whose bytes or keys are exchanged don't open."""
    other = files.store(None, world.project, io.BytesIO(CONTENT[::-1]), name="other")
    root = storage.place("disk")
    one, two = Path(root.path(stored.storage_name)), Path(root.path(other.storage_name))
    kept = one.read_bytes()
    one.write_bytes(two.read_bytes())
    with pytest.raises(files.Damaged), files.open(stored) as file:
        file.read()
    one.write_bytes(kept)
    StoredFile.objects.filter(pk=stored.pk).update(key=other.key)
    stored.refresh_from_db()
    with pytest.raises(vault.Unopenable):
        files.open(stored)


def test_a_cut_or_missing_file_is_damaged(stored):
    """A file that was cut at a chunk's end, or is gone, is reported as damaged when it is opened."""
    path = Path(storage.place("disk").path(stored.storage_name))
    path.write_bytes(path.read_bytes()[: 16 + (1 << 20) + 16])
    with pytest.raises(files.Damaged, match="where 3072000 were stored"):
        files.open(stored)
    path.unlink()
    with pytest.raises(files.Damaged, match="missing"):
        files.open(stored)


def test_an_erased_file_is_gone(world, stored, disk, django_capture_on_commit_callbacks):
    """Erasing drops the key at once and the bytes on commit; the row stays, and the journal tells it."""
    (path,) = on_disk(disk)
    kept = path.read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        files.erase(world.user["owner"], stored, reason="asked by the patient")
        files.erase(world.user["owner"], stored)
    assert on_disk(disk) == []
    path.write_bytes(kept)  # a copy in a backup
    with pytest.raises(files.Erased):
        files.open(StoredFile.objects.get())
    assert Event.objects.get(action="files.file_erased").reason == "asked by the patient"


def test_an_erased_file_has_no_key_in_the_database(stored):
    """PostgreSQL refuses an erased file that keeps its key."""
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.update(erased_at=timezone.now())


def test_a_destroyed_project_key_erases_its_files(world, stored):
    """Once the project's key is destroyed, none of its files opens."""
    vault.destroy(world.user["owner"], world.project, reason="end")
    with pytest.raises(vault.KeyDestroyed):
        files.open(stored)


def test_the_sweep_removes_what_a_crash_left(stored, disk):
    """Drafts and files without a row go once they are a day old; younger ones, and files with a row, stay."""
    leftovers = [storage.drafts() / "draft", disk / "files" / "00" / "0000"]
    for path in leftovers:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert files.sweep() == 0
    old = (timezone.now() - services.FORGOTTEN - timedelta(minutes=1)).timestamp()
    for path in on_disk(disk):
        os.utime(path, (old, old))
    assert files.sweep() == 2
    assert [path.name for path in on_disk(disk)] == [stored.pk.hex]


def test_a_file_is_never_replaced(stored):
    """The store refuses a second file under the name of the first."""
    draft = storage.drafts() / "second"
    draft.write_bytes(b"second")
    with pytest.raises(FileExistsError):
        storage.for_new().adopt(draft, stored.storage_name)
    with files.open(stored) as file:
        assert file.read() == CONTENT
