"""Validated lines become a dataset of the project, by a job."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db.models import F

from core import datasets
from core.access.demo import World
from core.audit.models import Event
from core.datasets.models import Dataset, DatasetVersion
from core.jobs import execution
from core.jobs.models import Job
from prescriptions import services
from prescriptions.export import COLUMNS, SCHEMA
from prescriptions.models import Document, Line
from prescriptions.tasks import lines
from tests.prescriptions.test_services import settle_all


def test_lines_become_a_dataset(world: World, document: Document, line: Line) -> None:
    """One row for each dose of each validated line of reviewed prescriptions, with the reading; others stay out."""
    owner = world.user["owner"]
    services.correct_line(owner, line, "dosage.0.dose", "2 comprimés", 0)
    settle_all(world, document)
    services.validate_document(owner, document)
    services.structure_text(owner, world.project, "DOLIPRANE 1 g : 1 cp le soir")  # not reviewed
    job = services.start_export(owner, world.project)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.result
    version = DatasetVersion.objects.get()
    rows = datasets.table(owner, version).to_pylist()
    assert [(row["medicine"], row["dose_low"], row["dose_unit"], row["daily_high"],
        row["corrected"]) for row in rows] == [
        ("DOLIPRANE", 2.0, "comprimé", 4.0, True), ("SERESTA", 0.5, "comprimé", 0.5, False),
    ]  # fmt: skip
    assert (rows[0]["frequency"], rows[0]["duration"], rows[0]["as_needed_for"], rows[0]["prescribed_on"]) == (
        "matin et soir", "5 jours", "douleur", "2026-11-12",
    )  # fmt: skip
    assert json.loads(rows[0]["reading"])["atc"] == "N02BE01"
    assert version.sensitivity == "health"
    assert Event.objects.filter(action="prescriptions.lines_exported").get().details["rows"] == 2


def test_an_export_done_again_after_a_crash(world: World, document: Document) -> None:
    """A worker that died after it had published leaves one version, which the next attempt gives back."""
    job = services.start_export(world.user["owner"], world.project)
    execution.execute(job.pk, threaded=False)
    execution.again(job, ended_at=None, result=None)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result["version"]) == (Job.State.DONE, 2, DatasetVersion.objects.get().number)


def test_an_export_that_was_taken_over(
    world: World, document: Document, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that comes back after another has its job publishes nothing."""
    settle_all(world, document)
    services.validate_document(world.user["owner"], document)
    rows_of = lines.rows_of

    def taken_over(read: Line) -> Any:
        Job.objects.update(attempts=F("attempts") + 1)
        return rows_of(read)

    monkeypatch.setattr(lines, "rows_of", taken_over)
    execution.execute(services.start_export(world.user["owner"], world.project).pk, threaded=False)
    assert not DatasetVersion.objects.exists()


def test_every_column_is_described() -> None:
    """The dictionary of the dataset names the columns of its table, in their order."""
    assert [column["name"] for column in COLUMNS] == SCHEMA.names


@pytest.mark.parametrize("before", [0, 1], ids=["the first export", "a later one"])
def test_what_changes_during_an_export_is_not_lost(
    world: World, document: Document, line: Line, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    """A line that is corrected while the lines are read leaves a dataset that says it is out of date."""
    owner = world.user["owner"]
    settle_all(world, document)
    services.validate_document(owner, document)
    for _time in range(before):
        execution.execute(services.start_export(owner, world.project).pk, threaded=False)
        assert Dataset.objects.get().stale_since is None
    rows_of = lines.rows_of

    def during(read: Line) -> Any:
        Line.objects.filter(pk=read.pk, position=1).update(revision=read.revision + 1)
        return rows_of(read)

    monkeypatch.setattr(lines, "rows_of", during)
    execution.execute(services.start_export(owner, world.project).pk, threaded=False)
    assert Dataset.objects.get().stale_since is not None
