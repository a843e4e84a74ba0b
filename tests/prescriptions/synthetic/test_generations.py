"""Sets of fictitious ordonnances as jobs: who may, what comes of it, what a cancel or a killed worker leaves."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied

from core import datasets, files, jobs
from core.access.demo import World
from core.audit.models import Event
from core.datasets.models import DatasetVersion
from core.errors import Conflict, Invalid
from core.files.models import StoredFile
from core.jobs.models import Job
from prescriptions import services
from prescriptions.engine.exchange import rules
from prescriptions.models import CaseSet, Generation, Part
from prescriptions.services import synthetic
from prescriptions.services.synthetic import Wanted
from prescriptions.tasks import synthetic as tasks


def asked(world: World, who: str = "researcher", **wanted: Any) -> Generation:
    return services.start_generation(world.user[who], world.project, Wanted(**{"count": 12, **wanted}))[0]


def done(world: World, **wanted: Any) -> Generation:
    held = asked(world, **wanted)
    jobs.run_waiting()
    return Generation.objects.select_related("project", "file__project").get(pk=held.pk)


def opened(held: Generation) -> ZipFile:
    assert held.file is not None
    with files.open(held.file) as stored:
        return ZipFile(io.BytesIO(stored.read()))


def objects(archive: ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(name).splitlines()]


def unlocked(held: Generation) -> None:
    """The lease of a dead worker is over: the job waits again."""
    Job.objects.filter(pk=held.job_id).update(state=Job.State.WAITING, lease_until=None, worker="")


class Killed(BaseException):
    """The worker's process is gone."""


@pytest.mark.parametrize("who", ["owner", "researcher"])
def test_who_may(world: World, who: str) -> None:
    """Managers and researchers have sets made, and it is in the journal."""
    held = asked(world, who)
    event = Event.objects.get(action="prescriptions.generation_asked")
    assert (event.object_id, event.details["documents"], event.details["seed"]) == (str(held.pk), 12, "1")


@pytest.mark.parametrize("who", ["member", "stranger", "administrator"])
def test_who_may_not(world: World, who: str) -> None:
    """Others don't, and nothing is begun."""
    with pytest.raises(PermissionDenied):
        asked(world, who)
    assert not Generation.objects.exists()
    assert not Job.objects.exists()


WRONG = {
    "too many": ({"count": 100_001}, "count"),
    "none": ({"count": 0}, "count"),
    "too many pages": ({"count": 2001, "formats": ["pages"]}, "count"),
    "no profile": ({"profiles": []}, "profiles"),
    "an unknown profile": ({"profiles": ["magic"]}, "profiles"),
    "an unknown format": ({"formats": ["doc"]}, "formats"),
    "an unknown wear": ({"wear": "burnt"}, "wear"),
    "a seed that is a path": ({"seed": "../1"}, "seed"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_wishes(world: World, what: str) -> None:
    """What can't be made is refused, with its place."""
    wanted, place = WRONG[what]
    with pytest.raises(Invalid) as refusal:
        asked(world, **wanted)
    assert [fault.place for fault in refusal.value.faults] == [place]


def test_what_comes_of_it(world: World) -> None:
    """An archive with cases, annotations, bundles, ledger and report; two datasets; the act in the journal."""
    held = done(world)
    assert held.finished_at is not None
    assert held.passed
    archive = opened(held)
    assert archive.testzip() is None
    documents = objects(archive, "documents.jsonl")
    assert [one["id"] for one in documents] == [f"S1-{number:06d}" for number in range(12)]
    assert [one["id"] for one in objects(archive, "ledger.jsonl")] == [one["id"] for one in documents]
    lines = objects(archive, "lines.jsonl")
    assert len(lines) == sum(len(one["expected"]["medications"]) for one in documents)
    bundles = objects(archive, "fhir.ndjson")
    assert len(bundles) == 12
    assert not [found for bundle in bundles for found in rules.check(bundle) if found.rule.severity == "error"]
    with tarfile.open(fileobj=io.BytesIO(archive.read("brat.tar"))) as tar:
        assert len(tar.getnames()) == 24
    assert json.loads(archive.read("privacy.json")) == held.report
    assert archive.read("privacy.md").decode().startswith("# ")
    published = {one.dataset.name: one for one in DatasetVersion.objects.select_related("dataset", "file__project")}
    assert held.datasets == {name: version.number for name, version in published.items()}
    whole = published["fictitious-prescriptions"]
    assert whole.provenance["seed"] == "1"
    assert whole.provenance["ledger"] == {"file": str(held.file_id), "member": "ledger.jsonl"}
    assert published["fictitious-prescription-lines"].row_count == len(lines)
    table = datasets.table(world.user["researcher"], whole)
    assert table.column("text").to_pylist() == [one["text"] for one in documents]
    assert Event.objects.get(action="prescriptions.generation_finished").details["passed"] is True
    assert not Part.objects.exists()
    assert StoredFile.objects.filter(kind="synthetic-part").count() == 0


def test_same_set_again(world: World) -> None:
    """The same settings make the same archive, byte by byte, in parts of whatever size."""
    first, second = done(world), done(world)
    assert first.file is not None
    assert second.file is not None
    assert (first.number, second.number) == (1, 2)
    assert first.file.digest == second.file.digest


def test_a_cancel(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set that is stopped on its way gives nothing; what was made of it goes with the next upkeep."""
    monkeypatch.setattr(tasks, "PART", 4)
    held = asked(world)
    whole = tasks.keep

    def stopping(*args: Any) -> None:
        whole(*args)
        jobs.cancel(world.user["researcher"], Job.objects.get(pk=held.job_id))

    monkeypatch.setattr(tasks, "keep", stopping)
    jobs.run_waiting()
    held.refresh_from_db()
    assert Job.objects.get(pk=held.job_id).state == Job.State.CANCELLED
    assert held.file is None
    assert held.finished_at is None
    assert held.parts.count() == 1
    assert synthetic.tidy() == 1
    assert not StoredFile.objects.exists()
    assert not DatasetVersion.objects.exists()


def test_files_that_a_killed_worker_left(world: World) -> None:
    """A file that was stored and never entered goes after a day."""
    kept = done(world)
    lost = files.store(None, world.project, [b"x"], name="0.zip", kind=synthetic.PART)
    assert synthetic.tidy() == 0
    StoredFile.objects.update(created_at=lost.created_at - 2 * synthetic.LOST)
    assert synthetic.tidy() == 1
    assert [one.pk for one in StoredFile.objects.filter(kind__startswith="synthetic")] == [kept.file_id]


@pytest.mark.parametrize("at", ["between parts", "before the part counts", "while packing", "before the end counts"])
def test_a_killed_worker(world: World, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """Killed at any moment, the job goes on with what is made: the same archive, and each result once."""
    expected = done(world)
    monkeypatch.setattr(tasks, "PART", 4)
    held = asked(world)
    made: list[int] = []
    whole = {name: getattr(tasks, name) for name in ("keep", "packed", "settle")}

    def kept(run: jobs.Run, generation: Generation, start: int, content: bytes) -> None:
        made.append(start)
        if at == "before the part counts" and start == 4 and made.count(4) == 1:
            raise Killed
        whole["keep"](run, generation, start, content)
        if at == "between parts" and start == 4:
            raise Killed

    def once(name: str, where: str) -> Any:
        left = [where == at]

        def killed(*args: Any) -> Any:
            if left[0]:
                left[0] = False
                raise Killed
            return whole[name](*args)

        return killed

    monkeypatch.setattr(tasks, "keep", kept)
    monkeypatch.setattr(tasks, "packed", once("packed", "while packing"))
    monkeypatch.setattr(tasks, "settle", once("settle", "before the end counts"))
    with pytest.raises(Killed):
        jobs.run_waiting()
    unlocked(held)
    jobs.run_waiting()
    held = Generation.objects.select_related("file").get(pk=held.pk)
    assert held.file is not None
    assert expected.file is not None
    assert held.file.digest == expected.file.digest
    assert sorted(made) == [0, 4, *([4] if at == "before the part counts" else []), 8]
    assert DatasetVersion.objects.filter(number=2).count() == 2
    assert not DatasetVersion.objects.filter(number=3).exists()
    assert not Part.objects.exists()
    assert StoredFile.objects.filter(kind="synthetic", erased_at=None).count() == 2


def test_a_set_that_the_report_refuses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where something could be somebody's, there is a report, and neither archive nor dataset."""
    from prescriptions.engine.synthetic import identifiers

    monkeypatch.setattr(identifiers, "rpps", lambda chance: "10003456786")
    held = done(world)
    assert held.finished_at is not None
    assert held.report is not None
    assert not held.passed
    assert held.file is None
    assert not DatasetVersion.objects.exists()
    assert Event.objects.get(action="prescriptions.generation_finished").details["passed"] is False


def test_pages(world: World) -> None:
    """With pages: a PDF, images, and a COCO file whose every image is in the archive."""
    held = done(world, count=2, formats=["pages"], profiles=["general"], wear="fold+photo")
    archive = opened(held)
    found = json.loads(archive.read("coco.json"))
    names = set(archive.namelist())
    assert found["images"]
    assert {image["file_name"] for image in found["images"]} <= names
    assert {image["condition"] for image in found["images"]} == {"fold+photo"}
    assert {"pages/S1-000000.pdf", "pages/S1-000001.pdf"} <= names


def test_cases_of_a_set(world: World) -> None:
    """Cases of one part become a set for evaluation, as many as asked; it says where it is from."""
    held = done(world, count=60)
    used = services.use_generation(world.user["owner"], held, "Test", kind="line", split="test", count=5)
    assert (used.count, used.origin) == (5, CaseSet.Origin.FICTITIOUS)
    assert {case.content["split"] for case in used.cases.select_related("case_set__project")} == {"test"}
    whole = services.use_generation(world.user["owner"], held, "All", kind="prescription", split="", count=100)
    assert whole.count == 60
    with pytest.raises(Conflict):
        services.use_generation(world.user["owner"], held, "Test", kind="line", split="test", count=5)
    with pytest.raises(Invalid):
        services.use_generation(world.user["owner"], held, "None", kind="page", split="", count=5)


def test_unfinished(world: World) -> None:
    """A set that is being made gives no cases, and isn't deleted under its job."""
    held = asked(world)
    with pytest.raises(Conflict):
        services.use_generation(world.user["owner"], held, "Test", kind="line", split="", count=5)
    with pytest.raises(Conflict):
        services.delete_generation(world.user["owner"], held)


def test_deletion(world: World) -> None:
    """A deleted set takes its file with it, for good; its datasets stay."""
    held = done(world)
    with pytest.raises(PermissionDenied):
        services.delete_generation(world.user["member"], held)
    services.delete_generation(world.user["owner"], held)
    assert not Generation.objects.exists()
    assert not StoredFile.objects.filter(kind="synthetic", erased_at=None).exists()
    assert DatasetVersion.objects.count() == 2
    assert Event.objects.filter(action="prescriptions.generation_deleted").count() == 1
