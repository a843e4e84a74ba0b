"""Notebooks: written together, run in a box, kept with what they ran on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core import jobs
from core.access import services as access_services
from core.access.demo import World
from core.access.models import Membership
from core.access.rules import Refused
from core.audit.models import Event
from core.datasets.models import DatasetVersion
from core.errors import Conflict, Invalid
from core.jobs.models import Job
from datahub import queries
from datahub.models import Notebook, NotebookRun
from datahub.services import notebooks, runs

pytestmark = pytest.mark.django_db


def address(notebook: Notebook) -> str:
    return notebook.get_absolute_url()


def sent(notebook: Notebook, **changes: Any) -> dict[str, Any]:
    """What the workbench posts."""
    return {
        "title": notebook.title,
        "cell": notebook.cells,
        "dataset": ["sepsis"],
        "revision": str(notebook.revision),
    } | changes


def test_cell_runs_on_the_dataset(notebook: Notebook, world: World, client_of: Callable[[str], Client]) -> None:
    """A researcher runs a notebook in the browser and sees the table and the value under its cells."""
    browser = client_of("researcher")
    answer = browser.post(address(notebook), sent(notebook, act="run"))
    assert answer.status_code == 200
    assert jobs.run_waiting() == 1
    run = NotebookRun.objects.get()
    assert run.job.state == Job.State.DONE, run.job.error
    assert [result["state"] for result in run.results] == ["ok", "ok"]
    page = browser.get(reverse("datahub:results", args=[world.project.slug, notebook.pk])).content.decode()
    assert "62.666" in page
    assert "<td>61</td>" in page


def test_run_is_in_the_journal_without_values(notebook: Notebook, world: World) -> None:
    """The journal tells who ran which notebook on which version, and not what came out."""
    runs.run_notebook(world.user["researcher"], notebook)
    jobs.run_waiting()
    event = Event.objects.get(action="datahub.notebook_run")
    version = DatasetVersion.objects.get()
    assert event.details["versions"] == [str(version.pk)]
    read = Event.objects.get(action="datasets.version_read")
    assert read.details["purpose"] == "datahub.run_notebook"
    assert "62.6" not in str(list(Event.objects.values()))


def test_following_a_run_is_in_the_journal_once(
    notebook: Notebook, world: World, client_of: Callable[[str], Client]
) -> None:
    """Who reads results by the address that the page follows is in the journal: once per reader and run."""
    address = reverse("datahub:results", args=[world.project.slug, notebook.pk])
    expected = []
    for _ in range(2):
        run = ran(notebook, world)
        for who in ("researcher", "owner", "researcher"):
            assert "61" in client_of(who).get(address).content.decode()
        expected += [(world.user[who].pk, str(run.pk)) for who in ("researcher", "owner")]
    read = Event.objects.filter(action="datahub.results_read").order_by("pk")
    assert [(event.actor_id, event.details["run"]) for event in read] == expected


def ran(notebook: Notebook, world: World) -> NotebookRun:
    """A run that has ended with something to show."""
    run = runs.run_notebook(world.user["researcher"], notebook)
    run.results = [{"state": "ok", "seconds": 1.0, "outputs": [{"kind": "text", "text": "61"}]}]
    run.save()
    Job.objects.filter(pk=run.job.pk).update(state=Job.State.DONE, ended_at=timezone.now())
    return run


@pytest.mark.parametrize(
    ("code", "state", "expected"),
    [
        ("for n in range(300): display(n)", Job.State.DONE, "Cette cellule affichait davantage"),
        ("display({'text/plain': 'x' * (17 << 20)}, raw=True)", Job.State.FAILED, "plus de 16\xa0Mo d’un coup"),
    ],
)
def test_too_much_shown_is_told(world: World, version: DatasetVersion, code: str, state: str, expected: str) -> None:
    """Where a cell shows more than is kept, its reader is told what to do."""
    notebook = notebooks.create_notebook(world.user["researcher"], world.project, "Trop", [code], [])
    run = runs.run_notebook(world.user["researcher"], notebook)
    jobs.run_waiting()
    run = NotebookRun.objects.select_related("job").get(pk=run.pk)
    assert run.job.state == state
    assert expected in run.job.error + str([output.get("text") for cell in run.results for output in cell["outputs"]])


def test_what_is_kept_is_sealed(notebook: Notebook, world: World) -> None:
    """Neither code nor results are in the database in the clear."""
    runs.run_notebook(world.user["researcher"], notebook)
    jobs.run_waiting()
    for model in (Notebook, NotebookRun):
        assert "read_parquet" not in str(list(model.objects.values()))


def test_failing_cell_stops_the_run(world: World, version: DatasetVersion) -> None:
    """The cells after one that raises don't run, and the error is shown under it."""
    notebook = notebooks.create_notebook(world.user["researcher"], world.project, "Faute", ["1 / 0", "print('after')"])
    run = runs.run_notebook(world.user["researcher"], notebook)
    jobs.run_waiting()
    run.refresh_from_db()
    assert [result["state"] for result in run.results] == ["error"]
    assert "ZeroDivisionError" in run.results[0]["outputs"][-1]["text"]


def test_run_up_to_a_cell(notebook: Notebook, world: World) -> None:
    """Only the cells up to the chosen one run."""
    run = runs.run_notebook(world.user["researcher"], notebook, 1)
    assert len(run.cells) == 1


def test_one_run_at_a_time(notebook: Notebook, world: World) -> None:
    """A second run of the same notebook waits for the first."""
    runs.run_notebook(world.user["researcher"], notebook)
    with pytest.raises(Conflict):
        runs.run_notebook(world.user["owner"], notebook)


def test_nothing_is_overwritten(notebook: Notebook, world: World) -> None:
    """Who saves over somebody else's later revision is told, and the later text stays."""
    researcher = world.user["researcher"]
    notebooks.save_notebook(researcher, notebook, 1, "Lecture", ["first"], [])
    with pytest.raises(Conflict):
        notebooks.save_notebook(world.user["owner"], notebook, 1, "Lecture", ["second"], [])
    assert Notebook.objects.get().cells == ["first"]


def test_stale_workbench_is_told(notebook: Notebook, client_of: Callable[[str], Client]) -> None:
    """A browser that holds an old revision is told in words, and nothing is saved."""
    answer = client_of("owner").post(address(notebook), sent(notebook, revision="7"))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert Notebook.objects.get().revision == 1


def test_every_fault_is_named(world: World) -> None:
    """An empty title, no cell and a dataset of another project are each refused."""
    other = DatasetVersion
    with pytest.raises(Invalid) as refusal:
        notebooks.create_notebook(world.user["researcher"], world.project, " ", [])
    assert [fault.place for fault in refusal.value.faults] == ["title", "cells"]
    assert other.objects.count() == 0


@pytest.mark.parametrize("who", ["member", "monitor", "administrator", "stranger"])
def test_others_neither_write_nor_run(notebook: Notebook, world: World, who: str) -> None:
    """Without the permission nobody writes or runs a notebook, whatever way he takes."""
    with pytest.raises(Refused):
        notebooks.save_notebook(world.user[who], notebook, 1, "x", ["x"], [])
    with pytest.raises(Refused):
        runs.run_notebook(world.user[who], notebook)


def test_removed_member_runs_nothing(
    notebook: Notebook, world: World, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """A run that waits when its owner is removed from the project never starts."""
    run = runs.run_notebook(world.user["researcher"], notebook)
    with django_capture_on_commit_callbacks(execute=True):
        access_services.end_membership(world.user["owner"], Membership.objects.get(user=world.user["researcher"]))
    jobs.run_waiting()
    run.refresh_from_db()
    assert run.results == []
    assert Job.objects.get().state == Job.State.CANCELLED


def test_results_say_when_the_code_has_changed(notebook: Notebook, world: World) -> None:
    """Outputs of code that was edited since are marked."""
    run = runs.run_notebook(world.user["researcher"], notebook)
    jobs.run_waiting()
    run.refresh_from_db()
    notebook = notebooks.save_notebook(
        world.user["researcher"], notebook, 1, "Lecture", [notebook.cells[0], "table.age.max()"], []
    )
    assert [cell.stale for cell in queries.cells(notebook, run)] == [False, True]


def test_deleted_notebook_comes_back(notebook: Notebook, world: World, client_of: Callable[[str], Client]) -> None:
    """A deleted notebook is gone from its address and its list, and can be brought back whole."""
    browser = client_of("researcher")
    browser.post(reverse("datahub:delete", args=[world.project.slug, notebook.pk]))
    assert browser.get(address(notebook)).status_code == 404
    browser.post(reverse("datahub:restore", args=[world.project.slug, notebook.pk]))
    assert browser.get(address(notebook)).status_code == 200


def test_catalogue_names_each_dataset(version: DatasetVersion, client_of: Callable[[str], Client]) -> None:
    """The catalogue shows each dataset with its newest version."""
    page = client_of("researcher").get(reverse("datahub:home", args=[version.dataset.project.slug])).content.decode()
    assert "Sepsis" in page
    assert "datahub" in page


def test_notebook_over_rest(world: World, version: DatasetVersion, api_of: Callable[[str], APIClient]) -> None:
    """A client makes a notebook, runs it, and reads its results."""
    client = api_of("researcher")
    body = {"project": world.project.slug, "title": "REST", "cells": ["print(6 * 7)"], "datasets": ["sepsis"]}
    made = client.post("/api/v1/datahub/notebooks/", body)
    assert made.status_code == 201, made.content
    one = f"/api/v1/datahub/notebooks/{made.json()['id']}/"
    assert client.post(f"{one}run/").status_code == 202
    jobs.run_waiting()
    results = client.get(f"{one}results/").json()
    assert (results["state"], results["results"][0]["outputs"][0]["text"]) == ("done", "42\n")
    assert client.put(one, {**body, "revision": 9}).status_code == 409
    assert client.post("/api/v1/datahub/notebooks/", {**body, "datasets": ["none"]}).status_code == 422


def test_hostile_output_is_text(world: World, client_of: Callable[[str], Client]) -> None:
    """Markup that a cell prints is shown as text."""
    code = ["print('<script>alert(1)</script>')"]
    notebook = notebooks.create_notebook(world.user["researcher"], world.project, "<b>x</b>", code)
    runs.run_notebook(world.user["researcher"], notebook)
    jobs.run_waiting()
    page = client_of("owner").get(address(notebook)).content.decode()
    assert "<script>alert(1)" not in page
    assert "<b>x</b>" not in page
