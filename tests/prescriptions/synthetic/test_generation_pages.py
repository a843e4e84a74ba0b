"""Fictitious ordonnances in pages and over REST: the form, a look before one starts, the report, the archive."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core import jobs
from core.access.demo import World
from core.audit.models import Event
from core.jobs.models import Job
from prescriptions import services
from prescriptions.models import CaseSet, Generation
from prescriptions.services.synthetic import Wanted

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]
FORM = {"count": 5, "profiles": ["general", "narcotics"], "formats": ["fhir"], "wear": "clean", "seed": "9"}


@pytest.fixture
def held(world: World) -> Generation:
    made, _job = services.start_generation(world.user["researcher"], world.project, Wanted(5))
    jobs.run_waiting()
    return Generation.objects.select_related("project", "file__project").get(pk=made.pk)


def address(world: World, name: str, *args: Any) -> str:
    return reverse(f"prescriptions:{name}", args=[world.project.slug, *args])


def test_no_set_yet(world: World, client_of: ClientOf) -> None:
    """The first page says what a set is, and leads to the form."""
    page = client_of("researcher").get(address(world, "synthetic")).content.decode()
    assert address(world, "new_generation") in page
    assert "empty" in page


@pytest.mark.parametrize(("language", "words"), [("fr", "Proximité avec les"), ("en", "Nearness to the")])
def test_both_languages(world: World, client_of: ClientOf, held: Generation, language: str, words: str) -> None:
    """The report of a set is read in the reader's language."""
    world.user["researcher"].language = language
    world.user["researcher"].save()
    assert words in client_of("researcher").get(held.get_absolute_url()).content.decode()


def test_from_the_form_to_the_archive(world: World, client_of: ClientOf) -> None:
    """The form starts a job, the set's page shows it, then the report and the archive, whose download is recorded."""
    client = client_of("researcher")
    started = client.post(address(world, "new_generation"), FORM)
    held = Generation.objects.get()
    assert started.status_code == 302
    assert started["Location"] == held.get_absolute_url()
    assert (held.count, held.profiles, held.formats, held.seed) == (5, ["general", "narcotics"], ["fhir"], "9")
    assert "job-progress" in client.get(held.get_absolute_url()).content.decode()
    jobs.run_waiting()
    page = client.get(held.get_absolute_url()).content.decode()
    file = address(world, "generation_file", held.pk)
    assert file in page
    assert "Luhn" in page
    answer = client.get(file)
    archive = ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert "privacy.md" in archive.namelist()
    assert Event.objects.filter(action="prescriptions.generation_downloaded").count() == 1


def test_a_look_before(world: World, client_of: ClientOf) -> None:
    """A look at the first few starts nothing; they are those that the set then has; a page is drawn where asked."""
    client = client_of("researcher")
    page = client.post(address(world, "new_generation"), FORM | {"formats": ["pages"], "preview": "1"})
    assert page.status_code == 200
    assert not Job.objects.exists()
    shown = [document.text for document, _profile in page.context["documents"]]
    picture = client.get(page.context["picture"])
    assert picture["Content-Type"] == "image/jpeg"
    assert picture.content.startswith(b"\xff\xd8")
    client.post(address(world, "new_generation"), FORM)
    jobs.run_waiting()
    cases = services.synthetic.cases_of(Generation.objects.select_related("file__project").get(), "prescription", "", 3)
    assert [case["text"] for case in cases] == shown


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"count": 100_001}, "count"), ({"count": 2001, "formats": ["pages"]}, "count"), ({"seed": "a b"}, "seed"),
     ({"profiles": []}, "profiles"), ({"wear": "burnt"}, "wear")],
)  # fmt: skip
def test_a_wrong_form(world: World, client_of: ClientOf, wrong: dict[str, Any], field: str) -> None:
    """What can't be is told at its field, and nothing starts."""
    page = client_of("researcher").post(address(world, "new_generation"), FORM | wrong)
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert not Generation.objects.exists()


def test_a_wrong_picture(world: World, client_of: ClientOf) -> None:
    """A picture of what can't be is not found."""
    assert client_of("researcher").get(address(world, "preview_generation"), {"wear": "burnt"}).status_code == 404


def test_use_for_evaluation(world: World, client_of: ClientOf, held: Generation) -> None:
    """Cases of a set become one for evaluation; a name that is taken is told at its field."""
    client = client_of("owner")
    form = {"name": "Fictives", "kind": "line", "split": "", "count": 7}
    used = client.post(held.get_absolute_url(), form)
    made = CaseSet.objects.select_related("project").get()
    assert used["Location"] == made.get_absolute_url()
    assert made.count == 7
    again = client.post(held.get_absolute_url(), form)
    assert again.status_code == 422
    assert "name" in again.context["form"].errors


def test_deletion(world: World, client_of: ClientOf, held: Generation) -> None:
    """A set is deleted from its page; its address is then unknown."""
    client = client_of("owner")
    client.post(address(world, "delete_generation", held.pk))
    assert client.get(held.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_who_may_not(world: World, client_of: ClientOf, held: Generation, who: str) -> None:
    """Members without the permission are refused, strangers find nothing."""
    client, status = client_of(who), 404 if who == "stranger" else 403
    for url in (address(world, "synthetic"), held.get_absolute_url(), address(world, "generation_file", held.pk)):
        assert client.get(url).status_code == status
    assert client.post(address(world, "new_generation"), FORM).status_code == status


def test_rest(world: World, api_of: ApiOf) -> None:
    """POST a set: 202 with its job; then its report, its archive by ranges, and cases of it; wrong wishes are 422."""
    client = api_of("researcher")
    url = reverse("api:prescriptions:synthetic-list")
    asked = {"project": world.project.slug, "count": 4, "seed": "a1", "profiles": ["cardiology"]}
    started = client.post(url, asked, format="json")
    assert started.status_code == 202
    assert started.json()["job"] == str(Job.objects.get().pk)
    jobs.run_waiting()
    one = reverse("api:prescriptions:synthetic-detail", args=[started.json()["id"]])
    found = client.get(one).json()
    assert found["passed"]
    assert found["report"]["diversity"]["profiles"] == {"cardiology": 4}
    part = client.get(reverse("api:prescriptions:synthetic-file", args=[found["id"]]), HTTP_RANGE="bytes=0-3")
    assert part.status_code == 206
    assert b"".join(part.streaming_content) == b"PK\x03\x04"
    used = client.post(
        reverse("api:prescriptions:synthetic-use", args=[found["id"]]), {"name": "Cardio", "split": ""}, format="json"
    )
    assert used.status_code == 201
    assert used.json()["origin"] == "fictitious"
    wrong = client.post(url, asked | {"seed": "a b"}, format="json")
    assert wrong.status_code == 422
    assert client.delete(one).status_code == 204


def test_rest_cancel(world: World, api_of: ApiOf) -> None:
    """A set is stopped by its job, as all long work."""
    client = api_of("researcher")
    asked = {"project": world.project.slug, "count": 4}
    started = client.post(reverse("api:prescriptions:synthetic-list"), asked, format="json").json()
    stopped = client.post(reverse("api:jobs:job-cancel", args=[started["job"]]))
    assert stopped.status_code == 200
    jobs.run_waiting()
    found = client.get(reverse("api:prescriptions:synthetic-detail", args=[started["id"]])).json()
    assert (found["finished_at"], found["size"], found["report"]) == (None, None, None)
