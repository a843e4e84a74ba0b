"""Records become a dataset: typed, described, and honest about what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db.models import F
from django.utils import timezone

from core import datasets, jobs
from core.access.rules import Refused
from core.audit.models import Event
from core.datasets.models import Dataset, DatasetVersion
from core.files.models import StoredFile
from core.jobs import execution
from core.jobs.models import Job
from ecrf import services
from ecrf.engine import Sheet
from ecrf.engine.exchange.records import Record
from ecrf.models import Form
from ecrf.tasks import exports as tasks
from tests.ecrf import visits
from tests.ecrf.conftest import Study, dictionary, publish


def exported(study: Study, form: Form | None = None, **options: Any) -> tuple[DatasetVersion, pa.Table]:
    owner = study.world.user["owner"]
    asked = services.start_export(owner, form or study.form, **options)
    jobs.run_waiting()
    job = Job.objects.get(pk=asked.job)
    assert job.state == "done", job.error
    version = DatasetVersion.objects.get(dataset__name=job.result["dataset"], number=job.result["version"])
    return version, datasets.table(owner, version)


def fill(study: Study) -> None:
    member, other = study.world.user["member"], study.world.user["other_site"]
    values = {
        "visit_date": "2026-01-05",
        "sex": "1",
        "weight": "80.5",
        "height": "160",
        "signs": ["1"],
        "name": "Guivarch",
    }
    services.save_entry(member, study.subject, study.form, 0, values, complete={"visite": True})
    services.save_entry(other, study.elsewhere, study.form, 0, {"weight": "70", "note": "NA"})


def test_typed_table(study: Study) -> None:
    """One line per record; numbers are numbers, dates are dates, boxes are 0 and 1, and missing is null."""
    fill(study)
    _, table = exported(study)
    first, second = table.to_pylist()
    assert (first["subject"], first["site"], first["form_version"]) == ("BRO-001", "BRO", 1)
    assert first["visit_date"] == date(2026, 1, 5)
    assert (first["weight"], first["height"], first["bmi"]) == (80.5, 160, 31.4)
    assert (first["signs___1"], first["signs___2"], first["signs___0"]) == (1, 0, 0)
    assert (second["signs___1"], second["height"], second["bmi"]) == (None, None, None)
    assert second["note"] == "NA"
    assert first["note"] is None


def test_boxes_of_complete_pages(study: Study) -> None:
    """On a complete page, boxes that nobody ticked are 0; elsewhere they are unknown."""
    member = study.world.user["member"]
    services.save_entry(
        member, study.subject, study.form, 0, {"visit_date": "2026-01-05", "sex": "2"}, complete={"visite": True}
    )
    services.save_entry(study.world.user["other_site"], study.elsewhere, study.form, 0, {"sex": "2"})
    _, table = exported(study)
    assert table.column("signs___1").to_pylist() == [0, None]


def test_hidden_values_stay_out(study: Study) -> None:
    """A value whose question is hidden isn't exported."""
    member = study.world.user["member"]
    services.save_entry(member, study.subject, study.form, 0, {"sex": "1", "pregnant": "1"})
    services.save_entry(member, study.subject, study.form, 1, {"sex": "2"})
    _, table = exported(study)
    assert table.column("pregnant").to_pylist() == [None]


def test_defaults_that_nobody_saved_stay_out(study: Study) -> None:
    """A default is exported once its page was saved; until then it is missing, and so is what is computed from it."""
    member = study.world.user["member"]
    form = publish(
        study.world,
        dictionary(
            "age,Un,,text,Âge,,,integer,,,,,,,,,,",
            "day,Deux,,text,Jour,,,date_ymd,,,,,,,,,,@TODAY",
            "dose,Deux,,text,Dose,,,integer,,,,,,,,,,@DEFAULT='2'",
            "twice,Un,,calc,Double,[dose] * 2,,,,,,,,,,,,",
            "note,Deux,,text,Note,,,,,,,,,,,,,",
        ),
        title="Deux pages",
    )
    services.save_entry(member, study.subject, form, 0, {"age": "40"})
    row = exported(study, form)[1].to_pylist()[0]
    assert (row["age"], row["day"], row["dose"], row["twice"]) == (40, None, None, None)
    before = timezone.localdate()
    services.save_entry(member, study.subject, form, 1, {"note": "x"})
    today = {before, timezone.localdate()}
    row = exported(study, form)[1].to_pylist()[0]
    assert row["day"] in today
    assert (row["dose"], row["twice"]) == (2, 4)


def test_identifiers_are_asked_for(study: Study) -> None:
    """What tells who people are is left out, and in only when asked for; the dataset is then health data."""
    fill(study)
    version, table = exported(study)
    assert "name" not in table.column_names
    assert version.sensitivity == "pseudonymised"
    version, table = exported(study, level="full")
    assert table.column("name").to_pylist() == ["Guivarch", None]
    assert version.sensitivity == "health"
    assert version.number == 2


def test_dictionary_and_provenance(study: Study) -> None:
    """Columns carry labels, units and codes; the version says which form it was made from."""
    fill(study)
    version, _ = exported(study)
    columns = {column["name"]: column for column in version.columns}
    assert (columns["weight"]["label"], columns["weight"]["unit"]) == ("Poids", "kg")
    assert columns["sex"]["codes"] == {"1": "Femme", "2": "Homme"}
    assert columns["signs___2"]["label"] == "Signes: Toux"
    assert version.provenance["definition_hash"] == study.form.current.hash
    assert Event.objects.filter(action="ecrf.entries_exported", details__rows=2).exists()


def test_later_saves_make_it_stale(study: Study) -> None:
    """After the next save the dataset says that it is out of date; a new export mends it."""
    fill(study)
    exported(study)
    assert Dataset.objects.get().stale_since is None
    services.save_entry(study.world.user["member"], study.subject, study.form, 1, {"weight": "81"})
    assert Dataset.objects.get().stale_since is not None
    exported(study)
    assert Dataset.objects.get().stale_since is None


@pytest.mark.parametrize("earlier", ["none", "fresh", "stale"])
def test_saves_during_an_export(study: Study, monkeypatch: pytest.MonkeyPatch, earlier: str) -> None:
    """What is saved while the export runs leaves a dataset that says it is out of date, whatever it said before."""
    fill(study)
    member, revision = study.world.user["member"], 1
    if earlier != "none":
        exported(study)
    if earlier == "stale":
        services.save_entry(member, study.subject, study.form, 1, {"weight": "81"})
        revision = 2
    read = tasks.read

    def reading(*given: Any) -> Iterator[Record]:
        yield from read(*given)
        services.save_entry(member, study.subject, study.form, revision, {"weight": "82"})

    monkeypatch.setattr(tasks, "read", reading)
    _, table = exported(study)
    assert 82 not in table.column("weight").to_pylist()
    assert Dataset.objects.get().stale_since is not None


def test_with_and_without_identifiers_are_two_exports(study: Study) -> None:
    """Whoever asks for one while the other waits gets what he asked for."""
    owner = study.world.user["owner"]
    whole = services.start_export(owner, study.form, level="full")
    assert services.start_export(owner, study.form, level="full") == whole
    assert services.start_export(owner, study.form, level="coded") != whole


def test_what_is_calculated_from_today_stays(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """An age is that of the day on which the record was saved, however late it is exported."""
    form = publish(
        study.world,
        dictionary(
            "born,Un,,text,Né le,,,date_ymd,,,,,,,,,,",
            'age,Un,,calc,Âge,"rounddown(datediff([born],""today"",""y""),0)",,,,,,,,,,,,',
        ),
        title="Âges",
    )
    services.save_entry(study.world.user["member"], study.subject, form, 0, {"born": "2000-01-01"})
    before = exported(study, form)[1].column("age").to_pylist()
    later = timezone.localtime() + timedelta(days=3700)
    monkeypatch.setattr("ecrf.services.contexts.timezone.localtime", lambda at=None: later if at is None else at)
    assert exported(study, form)[1].column("age").to_pylist() == before


def test_an_export_done_again_after_a_crash(study: Study) -> None:
    """A worker that died after it had published leaves one version, which the next attempt gives back."""
    fill(study)
    version, _ = exported(study)
    job = Job.objects.get()
    execution.again(job, ended_at=None, result=None)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result["version"]) == ("done", 2, version.number)
    assert DatasetVersion.objects.count() == 1


def test_an_export_that_was_taken_over(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that comes back after another has its job publishes nothing, and leaves no file."""
    fill(study)
    read = tasks.read

    def reading(*given: Any) -> Iterator[Record]:
        yield from read(*given)
        Job.objects.update(attempts=F("attempts") + 1)

    monkeypatch.setattr(tasks, "read", reading)
    execution.execute(services.start_export(study.world.user["owner"], study.form).job, threaded=False)
    assert not DatasetVersion.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("who", ["member", "monitor", "researcher", "administrator", "stranger"])
def test_others_may_not_export(study: Study, who: str) -> None:
    """Only who may export the whole project's records does."""
    with pytest.raises(Refused):
        services.start_export(study.world.user[who], study.form)


def test_nothing_to_export(study: Study) -> None:
    """A form without records gives a dataset without lines, with all its columns."""
    version, table = exported(study)
    assert table.num_rows == 0
    assert "bmi" in table.column_names
    assert version.row_count == 0


def test_a_line_per_sheet(study: Study) -> None:
    """A study with events exports a line for each visit and each copy of a page, without what was removed."""
    form = visits.publish(study.world)
    member, subject = study.world.user["member"], study.subject
    for event, page, values in (
        ("inclusion", "", {"weight": "80", "since": "2026-05"}),
        ("month_1", "", {"weight": "82"}),
        ("during", "ae", {"term": "Chute"}),
    ):
        services.save_entry(member, subject, form, 0, values, sheet=Sheet(event, page))
    gone = services.save_entry(member, subject, form, 0, {"term": "x"}, sheet=Sheet("during", "ae", 2)).entry
    services.remove_entry(study.world.user["owner"], gone, "Doublon")
    found = exported(study, form)[1].to_pydict()
    assert found["event"] == ["inclusion", "month_1", "during"]
    assert found["page"] == [None, None, "ae"]
    assert found["gain"] == [0.0, 2.0, None]
    assert found["term"] == [None, None, "Chute"]
    assert found["since"] == ["2026-05", None, None]
