"""Files of SPSS, Stata and SAS that are too large to be waited for: a job makes them, and who asked finds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyreadstat
import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core import jobs
from core.access.demo import World
from core.audit.models import Event
from core.datasets.models import DatasetVersion
from core.datasets.services import dictionary, preparing
from core.errors import Invalid
from core.files.models import StoredFile
from core.jobs.models import Job


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.datasets.services.exporting.MOST_CELLS", 5)


def made(world: World, version: DatasetVersion, committing: Any, form: str = "dta") -> Job:
    with committing(execute=True):
        job = preparing.ask(world.user["owner"], version, form)
    jobs.run_waiting()
    job.refresh_from_db()
    return job


def test_in_the_browser(
    world: World, client_of: Callable[[str], Client], version: DatasetVersion, tmp_path: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    """The download leads to a page that says why; the job's page leads to the file, which is whole."""
    client, root = client_of("owner"), f"/projects/{world.project.slug}/datasets/stays/1/"
    asked = client.get(f"{root}export/dta/")
    assert (asked.status_code, asked["Location"]) == (303, f"{root}prepare/dta/")
    assert "Stata" in client.get(asked["Location"]).text
    with django_capture_on_commit_callbacks(execute=True):
        work = client.post(asked["Location"])["Location"]
    assert Event.objects.filter(action="datasets.version_exported").count() == 0
    jobs.run_waiting()
    job = Job.objects.get(task=preparing.TASK)
    assert job.result_url in client.get(work).text
    file = client.get(job.result_url)
    assert file["Content-Disposition"] == 'attachment; filename="stays-v1.dta"'
    path = tmp_path / "stays.dta"
    path.write_bytes(file.getvalue())
    frame, about = pyreadstat.read_dta(path)
    assert list(frame["stay"]) == [1, 2, 3, 4, 5, 6]
    assert about.column_names_to_labels["sex"] == "Sexe"
    assert Event.objects.filter(action="datasets.version_exported").count() == 1
    assert client_of("researcher").get(job.result_url).status_code == 404


def test_over_rest(
    world: World, api_of: Callable[[str], APIClient], version: DatasetVersion, django_capture_on_commit_callbacks: Any
) -> None:
    """Asked for, waited for, fetched; asked again while it is under way, it is the same job."""
    owner, path = api_of("owner"), f"/api/v1/datasets/versions/{version.pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        job = owner.post(f"{path}prepare/", {"form": "sav"}).json()["job"]
        assert owner.post(f"{path}prepare/", {"form": "sav"}).json()["job"] == job
    assert owner.get(f"{path}prepared/{job}/").status_code == 409
    jobs.run_waiting()
    file = owner.get(f"{path}prepared/{job}/")
    assert (file.status_code, b"".join(file.streaming_content)[:4]) == (200, b"$FL2")  # type: ignore[attr-defined]
    assert owner.post(f"{path}prepare/", {"form": "csv"}).status_code == 422
    assert api_of("researcher").post(f"{path}prepare/", {"form": "sav"}).status_code == 403
    assert api_of("researcher").get(f"{path}prepared/{job}/").status_code == 404


def test_a_column_that_was_closed_since(
    world: World, version: DatasetVersion, api_of: Callable[[str], APIClient], monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    """A file with a column that its maker may no longer read isn't given to him."""
    job = made(world, version, django_capture_on_commit_callbacks)
    edits = [{"name": "sex", "sensitivity": "identifying"}]
    dictionary.edit(world.user["owner"], version, edits, reason="protect", revision=0)
    monkeypatch.setattr("core.datasets.services.levels.levels_of", lambda _actor, _project: frozenset({""}))
    answer = api_of("owner").get(f"/api/v1/datasets/versions/{version.pk}/prepared/{job.pk}/")
    assert (answer.status_code, answer.json()["errors"][0]["place"]) == (422, "sex")


def test_it_is_erased_after_a_week(
    world: World, version: DatasetVersion, api_of: Callable[[str], APIClient], django_capture_on_commit_callbacks: Any
) -> None:
    """Nothing that left the datasets stays lying about."""
    job = made(world, version, django_capture_on_commit_callbacks)
    assert preparing.expire() == 0
    StoredFile.objects.filter(kind=preparing.KIND).update(created_at=timezone.now() - timedelta(days=8))
    assert preparing.expire() == 1
    answer = api_of("owner").get(f"/api/v1/datasets/versions/{version.pk}/prepared/{job.pk}/")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:suite-interhop:problem:gone")


def test_what_memory_does_not_hold(world: World, version: DatasetVersion, settings: Any) -> None:
    """What would need more memory than it may take is refused in words, before a job is asked for."""
    settings.DATASETS_MEMORY = 10
    with pytest.raises(Invalid) as refused:
        preparing.ask(world.user["owner"], version, "dta")
    assert refused.value.faults[0].code == "too_large"
    assert not Job.objects.exists()
