"""Uploads: taken encrypted, shown before they are published, refused whole with every fault."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from core import access, datasets, files
from core.audit.models import Event
from core.datasets.engine.csv import parsing
from core.datasets.models import Dataset, DatasetVersion, Upload
from core.datasets.services import uploads
from core.datasets.tasks import publish_upload
from core.errors import Conflict, Invalid
from core.files.models import StoredFile
from core.jobs import execution
from core.jobs.models import Job
from core.jobs.pulse import Pulse
from core.jobs.run import Run

GOOD = "id;âge;lactate;vu\n1;71;4,5;23/11/2026\n2;64;;24/11/2026\n".encode("cp1252")
BROKEN = "id;âge;lactate;vu\n1;71;4,5;23/11/2026\n2;vieux;;31/02/2026\n".encode("cp1252")


@pytest.fixture
def take(world):
    """Send a file as the study's manager."""

    def take(data: bytes, who: str = "owner", **changes) -> Upload:
        said = {"name": "labs", "title": "Analyses", "sensitivity": "health", "file_name": "le gall.csv", **changes}
        return uploads.receive(world.user[who], world.project, io.BytesIO(data), **said)

    return take


def test_a_file_is_published(world, take):
    """A good file becomes a version with its types; the file that was sent is erased."""
    made = uploads.accept(world.user["owner"], take(GOOD))
    version = DatasetVersion.objects.get()
    assert made.version == version
    assert datasets.table(world.user["owner"], version)["lactate"].to_pylist() == [4.5, None]
    assert [column["type"] for column in version.columns] == ["integer", "integer", "number", "date"]
    assert version.provenance["kind"] == "upload"
    assert version.provenance["file"] == "le gall.csv"
    assert version.provenance["plan"]["dialect"]["encoding"] == "cp1252"
    assert StoredFile.objects.get(pk=made.file_id).erased_at is not None


def test_receiving_a_file_is_told(world, take):
    """That a file came in is in the audit trail, without its name, which may be a patient's."""
    made = take(GOOD)
    event = Event.objects.get(action="datasets.file_received")
    assert (event.actor_id, event.object_id) == (world.user["owner"].pk, str(made.pk))
    assert event.details == {"dataset": "labs", "digest": made.file.digest}


def test_a_broken_file_is_refused_whole(world, take, disk):
    """A file with faults is not published; every fault is kept with its row, column and reason."""
    made = take(BROKEN)
    types = ["integer", "integer", "number", "date"]
    columns = [{**column, "type": type_} for column, type_ in zip(made.plan["columns"], types, strict=True)]
    made = uploads.correct(world.user["owner"], made, {**made.plan, "columns": columns})
    with pytest.raises(Invalid) as refused:
        uploads.accept(world.user["owner"], made)
    assert [(fault.place, fault.code) for fault in refused.value.faults] == [
        ("ligne 3, âge", "not_integer"), ("ligne 3, vu", "not_date")
    ]  # fmt: skip
    assert not Dataset.objects.exists()
    assert StoredFile.objects.count() == 1  # the file that was sent, to be read another way
    assert Upload.objects.get().faults["count"] == 2


def test_accepting_twice_publishes_once(world, take):
    """The same upload accepted again gives the version it became."""
    made = uploads.accept(world.user["owner"], take(GOOD))
    again = uploads.accept(world.user["owner"], Upload.objects.get())
    assert again.version == made.version
    assert DatasetVersion.objects.count() == 1


def test_a_large_file_is_read_by_a_job(world, take, monkeypatch, django_capture_on_commit_callbacks):
    """Past the limit for waiting, a job does it, in the person's name."""
    monkeypatch.setattr(uploads, "AT_ONCE", 10)
    with django_capture_on_commit_callbacks() as _callbacks:
        made = uploads.accept(world.user["owner"], take(GOOD))
    assert made.version is None
    job = Job.objects.get(pk=made.job_id)
    assert (job.task, job.owner) == ("datasets.publish_upload", world.user["owner"])


@pytest.fixture
def job(world, take, monkeypatch):
    """A job that waits to publish an upload."""
    monkeypatch.setattr(uploads, "AT_ONCE", 10)
    return Job.objects.get(pk=uploads.accept(world.user["owner"], take(GOOD)).job_id)


@pytest.fixture
def meanwhile(monkeypatch):
    """Have something happen while a file is parsed, once."""

    def meanwhile(act: Callable[[], object]) -> None:
        def parse(*arguments):
            monkeypatch.setattr(parsing, "parse", whole)
            act()
            return whole(*arguments)

        whole = parsing.parse
        monkeypatch.setattr(parsing, "parse", parse)

    return meanwhile


def test_the_job_publishes(world, job):
    """The job gives the rows and the address of the version."""
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.result["rows"]) == ("done", 2)
    assert job.result["url_args"] == [world.project.slug, "labs", 1]


def test_a_job_killed_after_it_published(world, job):
    """Killed between the publication and its end, the job is run again, finds the version and ends well."""
    taken = execution.take(job.pk)
    run = Run(taken, taken.owner, Pulse(taken, timedelta(hours=1), threaded=False))
    publish_upload(run, **taken.arguments)
    Job.objects.update(state="waiting", lease_until=None)  # as the sweeper leaves it
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result["url_args"][2]) == ("done", 2, 1)
    assert DatasetVersion.objects.count() == 1


def test_a_superseded_worker_publishes_nothing(world, job, meanwhile):
    """Once another worker has the job, the first one adds no version and keeps no file."""
    meanwhile(lambda: Job.objects.update(attempts=2))
    execution.execute(job.pk, threaded=False)
    assert not DatasetVersion.objects.exists()
    assert StoredFile.objects.count() == 1
    assert StoredFile.objects.get().erased_at is None


def test_two_publish_the_same_upload_at_once(world, take, meanwhile):
    """Of two who publish one upload at the same time, one is told so; there is one version and one file."""
    made = take(GOOD)
    meanwhile(lambda: uploads.read(world.user["owner"], Upload.objects.get()))
    with pytest.raises(Conflict):
        uploads.read(world.user["owner"], made)
    assert DatasetVersion.objects.count() == 1
    assert StoredFile.objects.filter(erased_at=None).count() == 1


def test_what_was_dropped_meanwhile_is_not_published(world, take, meanwhile):
    """A file that is dropped while it is read becomes no version."""
    made = take(GOOD)
    meanwhile(lambda: uploads.drop(world.user["owner"], Upload.objects.get()))
    with pytest.raises(Conflict):
        uploads.read(world.user["owner"], made)
    assert not DatasetVersion.objects.exists()


def test_another_dialect_is_detected_anew(world, take):
    """A corrected delimiter gives other columns, to be checked before they are published."""
    made = take(b"a,b;c\n1,2;3\n")
    found = [column["name"] for column in made.plan["columns"]]
    dialect = {**made.plan["dialect"], "delimiter": ";" if len(found) == 2 and found[0] == "a" else ","}
    corrected = uploads.correct(world.user["owner"], made, {**made.plan, "dialect": dialect})
    assert [column["name"] for column in corrected.plan["columns"]] != found


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ([{"name": "x", "type": "text"}, {"name": "x", "type": "text"}], "twice"),
        ([{"name": " ", "type": "text"}, {"name": "b", "type": "text"}], "bad_name"),
        ([{"name": "a", "type": "blob"}, {"name": "b", "type": "text"}], "unknown_type"),
    ],
)
def test_bad_columns_are_refused(world, take, columns, code):
    """Two columns of one name, one without a name or of an unknown type: refused, with the column's place."""
    made = take(b"a,b\nx,y\n")
    with pytest.raises(Invalid) as refused:
        uploads.correct(world.user["owner"], made, {**made.plan, "columns": columns})
    assert {fault.code for fault in refused.value.faults} == {code}
    assert refused.value.faults[0].place == "columns.1"


@pytest.mark.parametrize("data", [b"a,a\nx,y\n", b"a,A\nx,y\n"])
def test_duplicate_headings_are_refused(world, take, data):
    """A file with two columns of the same name, whatever its case, is not published as it is."""
    with pytest.raises(Invalid) as refused:
        uploads.accept(world.user["owner"], take(data))
    assert [fault.code for fault in refused.value.faults] == ["twice", "twice"]


def test_bad_words_keep_nothing(world, take):
    """A bad name, an empty title or an unknown sensitivity: refused together, and no file is kept."""
    with pytest.raises(Invalid) as refused:
        take(GOOD, name="Not a name", title="", sensitivity="secret")
    assert {fault.place for fault in refused.value.faults} == {"name", "title", "sensitivity"}
    assert not StoredFile.objects.exists()


def test_too_large_a_file_is_refused(world, take, monkeypatch, disk):
    """A file past the limit is refused, and nothing of it is kept."""
    monkeypatch.setattr(uploads, "LARGEST", 10)
    with pytest.raises(Invalid) as refused:
        take(GOOD)
    assert refused.value.faults[0].code == "too_large"
    assert [path for path in disk.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("who", ["stranger", "member", "monitor", "administrator"])
def test_who_may_not_upload(take, who):
    """Uploading needs its permission."""
    with pytest.raises(access.Refused):
        take(GOOD, who)
    assert not StoredFile.objects.exists()


def test_a_dropped_file_is_erased(world, take):
    """A file that isn't wanted is erased, and can't be published any more."""
    made = take(GOOD)
    uploads.drop(world.user["owner"], made)
    with pytest.raises(files.Erased):
        files.open(Upload.objects.get().file)
    with pytest.raises(Conflict):
        uploads.drop(world.user["owner"], Upload.objects.get())


def test_forgotten_files_expire(world, take):
    """A file that nobody accepted within a week is erased; a younger one stays."""
    old, young = take(GOOD), take(GOOD)
    Upload.objects.filter(pk=old.pk).update(created_at=timezone.now() - uploads.KEPT - timedelta(hours=1))
    assert uploads.expire() == 1
    assert uploads.expire() == 0
    assert StoredFile.objects.get(pk=old.file_id).erased_at is not None
    assert StoredFile.objects.get(pk=young.file_id).erased_at is None


def test_the_sweep_says_what_it_did(world, take, capsys):
    """`manage.py sweep` expires uploads and removes leftover files, and counts them."""
    old = take(GOOD)
    Upload.objects.filter(pk=old.pk).update(created_at=timezone.now() - uploads.KEPT - timedelta(hours=1))
    call_command("sweep")
    assert capsys.readouterr().out == "1 uploads expired, 0 leftover files removed.\n"
