"""Where the bytes are: the same is asked of the disk and of an object store, and nothing is lost where that fails."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.utils import timezone

from core import files, jobs
from core.audit.models import Event
from core.datasets.models import Sensitivity
from core.errors import Away, Conflict
from core.files import bucket, moving, quotas, services, storage
from core.files.checks import storage_answers
from core.files.models import StoredFile
from core.storage.services import move_files
from tests.object_store import ObjectStore, object_store

CONTENT = bytes(range(256)) * 20_000  # 5 MB: five chunks


@pytest.fixture(scope="module")
def running() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def s3(running: ObjectStore, settings, request, monkeypatch) -> Iterator[ObjectStore]:
    """An object store with an empty bucket, which new files go to."""
    name = f"b{abs(hash(request.node.nodeid))}"
    running.client().create_bucket(Bucket=name)
    running.fault = lambda _method, _path: None
    settings.FILES_PLACE = "s3"
    settings.STORAGES = {
        **settings.STORAGES,
        "files-s3": {"BACKEND": "core.files.bucket.Bucket", "OPTIONS": running.options(name)},
    }
    monkeypatch.setattr(bucket.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_self: 0.0)
    running.calls.clear()
    yield running
    storages["files-s3"].client.close()


@pytest.fixture(params=["disk", "s3"])
def place(request) -> storage.Place:
    if request.param == "s3":
        request.getfixturevalue("s3")
    return storage.for_new()


def draft(content: bytes = CONTENT) -> Path:
    path = storage.drafts() / "draft"
    path.write_bytes(content)
    return path


NAME = "ab/" + "ab" * 16


def test_what_comes_in_is_read(place):
    """A draft is brought in whole, is gone as a draft, and is read from anywhere, as long as it is."""
    path = draft()
    place.adopt(path, NAME)
    assert not path.exists()
    with place.open(NAME) as file:
        assert file.seek(0, 2) == len(CONTENT)
        file.seek(1_500_000)
        assert file.read(10) == CONTENT[1_500_000:1_500_010]
        file.seek(0)
        assert b"".join(iter(lambda: file.read(700_000), b"")) == CONTENT
        assert file.read(1) == b""


def test_nothing_is_replaced(place):
    """A second file under the name of the first is refused, and the first stays."""
    place.adopt(draft(b"first"), NAME)
    with pytest.raises(FileExistsError):
        place.adopt(draft(b"second"), NAME)
    with place.open(NAME) as file:
        assert file.read() == b"first"


def test_what_is_there_is_listed_and_removed(place):
    """Each file is listed with its age; removing it twice does no harm, and what is missing isn't found."""
    place.adopt(draft(b"x"), NAME)
    ((name, since),) = place.names()
    assert name == NAME
    assert abs(timezone.now() - since) < timedelta(minutes=5)
    place.delete(NAME)
    place.delete(NAME)
    assert list(place.names()) == []
    with pytest.raises(FileNotFoundError):
        place.open(NAME)
    assert place.ails() == ""


def test_a_file_is_stored_and_erased(place, world, django_capture_on_commit_callbacks):
    """Through the service: stored, read by range, in memory, erased; the place holds nothing clear, then nothing."""
    stored = files.store(None, world.project, io.BytesIO(CONTENT), name="x")
    assert stored.place == place.where
    with place.open(stored.storage_name) as raw:
        assert CONTENT[:64] not in raw.read()
    with files.open(stored) as file:
        file.seek(3_000_000)
        assert file.read(100) == CONTENT[3_000_000:3_000_100]
    with files.memory(stored) as memory:
        assert Path(memory.path).read_bytes() == CONTENT
    with django_capture_on_commit_callbacks(execute=True):
        files.erase(None, stored)
    assert list(place.names()) == []


def test_only_the_chunks_that_are_read_are_fetched(s3, world):
    """Ten bytes cost one chunk of the object store's traffic, not the file."""
    stored = files.store(None, world.project, io.BytesIO(CONTENT * 4), name="x")
    s3.calls.clear()
    with files.opener(stored)() as file:
        file.seek(10_000_000)
        assert file.read(10) == (CONTENT * 4)[10_000_000:10_000_010]
    assert s3.bytes_sent() < 1.2 * (1 << 20)


def test_a_large_file_is_sent_in_parts(s3, world, monkeypatch):
    """What is large goes in parts and is read with few calls; nothing of the parts is left over."""
    monkeypatch.setattr(bucket, "IN_PARTS", 6 << 20)
    monkeypatch.setattr(bucket, "PART", 5 << 20)
    stored = files.store(None, world.project, [CONTENT] * 5, name="x")
    assert sum(method == "PUT" and "partNumber" in path for method, path, _range in s3.calls) == 5
    s3.calls.clear()
    with files.open(stored) as file:
        assert file.read() == CONTENT * 5
    assert len(s3.calls) < 10


def test_an_interruption_is_waited_out(s3, world):
    """A store that says «slow down» or breaks off now and then is asked again, from where it was."""
    faults = iter([503, 500, None, 0, None, 0, 503])
    s3.fault = lambda method, _path: next(faults, None) if method in ("PUT", "GET") else None
    stored = files.store(None, world.project, io.BytesIO(CONTENT), name="x")
    with files.open(stored) as file:
        assert file.read() == CONTENT
    assert next(faults, "all came") == "all came"


@pytest.mark.parametrize("parts", [False, True], ids=["whole", "in parts"])
def test_a_store_that_stays_away_leaves_nothing_half_saved(s3, world, disk, monkeypatch, parts):
    """Where it goes on failing, the person is told to try again; no row, no draft and no count is left."""
    if parts:
        monkeypatch.setattr(bucket, "IN_PARTS", 5 << 20)
        monkeypatch.setattr(bucket, "PART", 5 << 20)
    fails = (lambda method, path: 500 if "partNumber=2" in path else None) if parts else lambda *_call: 500
    s3.fault = fails
    with pytest.raises(Away):
        files.store(None, world.project, [CONTENT] * 2, name="x")
    assert not StoredFile.objects.exists()
    assert list((disk / "drafts").iterdir()) == []
    assert quotas.tightest(world.project) is None
    name = storages["files-s3"].bucket
    assert "Uploads" not in s3.client().list_multipart_uploads(Bucket=name)


def test_what_can_t_be_removed_now_goes_later(s3, world, disk, monkeypatch, django_capture_on_commit_callbacks):
    """A file is erased also while the store is away; its bytes, and parts that were left there, go with the sweep."""
    stored = files.store(None, world.project, io.BytesIO(CONTENT), name="x")
    s3.fault = lambda *_call: 503
    with django_capture_on_commit_callbacks(execute=True):
        files.erase(None, stored)
    assert StoredFile.objects.get().erased_at
    s3.fault = lambda *_call: None
    name = storages["files-s3"].bucket
    s3.client().create_multipart_upload(Bucket=name, Key=NAME)
    monkeypatch.setattr(services, "FORGOTTEN", timedelta(days=-1))
    assert files.sweep() == 2
    assert list(storage.for_new().names()) == []


def test_a_store_that_is_away_is_reported(s3, world):
    """The health page says that the store can't be reached, is refused, or has no such bucket."""
    assert storage_answers().level == "good"
    for status in (500, 403):
        s3.fault = lambda *_call, status=status: status
        finding = storage_answers()
        assert (finding.level, bool(finding.message)) == ("failed", True)


def test_the_person_is_told_to_try_again(s3, world, client_of, monkeypatch):
    """An upload while the store is away ends in 503, in words and with a time; a resource says it as a problem."""
    s3.fault = lambda *_call: 500
    client = client_of("owner")
    client.raise_request_exception = False
    sent = io.BytesIO(b"a;b\n1;2\n")
    sent.name = "t.csv"
    values = {"name": "t", "title": "T", "sensitivity": Sensitivity.PSEUDONYMISED, "file": sent}
    answer = client.post(f"/projects/{world.project.slug}/datasets/new/file/", values)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "à renvoyer" in answer.content.decode()
    assert not StoredFile.objects.exists()


def moved(world, s3, where: str) -> None:
    call_command("files", "move", where)
    assert set(StoredFile.objects.filter(erased_at=None).values_list("place", flat=True)) == {where}


def test_files_are_moved_there_and_back(s3, world, settings, capsys):
    """From the disk to the object store and back, each compared with its copy; who holds an old row still reads it."""
    settings.FILES_PLACE = "disk"
    stored = files.store(None, world.project, io.BytesIO(CONTENT), name="x")
    erased = files.store(None, world.project, io.BytesIO(CONTENT), name="y")
    files.erase(None, erased)
    moved(world, s3, "s3")
    assert "1 files moved" in capsys.readouterr().out
    storage.place("disk").delete(stored.storage_name)
    with files.open(stored) as file:  # a row that was read before
        assert file.read() == CONTENT
    moved(world, s3, "disk")
    storage.place("s3").delete(stored.storage_name)
    with files.open(StoredFile.objects.get(pk=stored.pk)) as file:
        assert file.read() == CONTENT
    assert Event.objects.filter(action="files.files_moved").count() == 2


def test_a_move_goes_on_where_it_was_stopped(s3, world, settings, capsys):
    """Stopped by a store that is away, the next call moves the rest; a copy that is there already is compared."""
    settings.FILES_PLACE = "disk"
    made = [files.store(None, world.project, io.BytesIO(CONTENT), name="x") for _number in range(3)]
    puts = iter([None])
    s3.fault = lambda method, _path: next(puts, 503) if method == "PUT" else None
    with pytest.raises(CommandError, match="after 1 files"):
        call_command("files", "move", "s3")
    s3.fault = lambda *_call: None
    last = made[2]
    with storage.place("disk").open(last.storage_name) as source:
        storage.place("s3").bring(source, last.storage_name)
    moved(world, s3, "s3")
    assert "2 files moved" in capsys.readouterr().out


def test_a_copy_that_differs_is_not_taken(s3, world, settings):
    """Where the copy isn't the same, or the file is missing, it stays where it was and is named."""
    settings.FILES_PLACE = "disk"
    stored = files.store(None, world.project, io.BytesIO(CONTENT), name="x")
    storage.place("s3").bring(io.BytesIO(b"something else"), stored.storage_name)
    with pytest.raises(CommandError, match="1 are damaged"):
        call_command("files", "move", "s3")
    with files.open(StoredFile.objects.get()) as file:
        assert file.read() == CONTENT


def test_the_sweep_takes_the_former_copy_and_no_other(s3, world, monkeypatch):
    """After a move the former copy goes, and the file is read from its new place."""
    stored = files.store(None, world.project, io.BytesIO(CONTENT), name="x")
    moved(world, s3, "disk")
    monkeypatch.setattr(services, "FORGOTTEN", timedelta(days=-1))
    assert files.sweep() == 1
    assert list(storage.place("s3").names()) == []
    with files.open(StoredFile.objects.get(pk=stored.pk)) as file:
        assert file.read() == CONTENT


@pytest.mark.parametrize("moment", ["bring", "compare"])
def test_a_file_erased_while_it_is_moved_is_not_damaged(
    s3, world, settings, monkeypatch, django_capture_on_commit_callbacks, moment
):
    """Erased before it is copied or before the copies are compared, it is none that a move finds damaged."""
    settings.FILES_PLACE = "disk"
    stored = files.store(None, world.project, io.BytesIO(CONTENT), name="x")
    owner, name = (storage.Disk, "open") if moment == "bring" else (moving, "digest")
    reads = getattr(owner, name)

    def erased_before(*where):
        monkeypatch.setattr(owner, name, reads)
        with django_capture_on_commit_callbacks(execute=True):
            files.erase(None, stored)
        return reads(*where)

    monkeypatch.setattr(owner, name, erased_before)
    assert moving.move(stored.pk, "s3") is False


def test_a_job_moves_them(s3, world, settings):
    """Who runs the instance has it done by a job; asked again, there is nothing to do."""
    settings.FILES_PLACE = "disk"
    files.store(None, world.project, io.BytesIO(CONTENT), name="x")
    settings.FILES_PLACE = "s3"
    move_files(world.user["administrator"])
    jobs.run_waiting()
    assert StoredFile.objects.get().place == "s3"
    with pytest.raises(Conflict):
        move_files(world.user["administrator"])
