"""Over REST: the same rules, problems in problem+json, the same audit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from core import jobs
from core.access.demo import World
from core.audit.models import Event
from core.jobs.models import Job
from ecrf.models import Draft, Entry, Form
from tests.ecrf.conftest import DICTIONARY, Study

ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/ecrf"


def begin(client: APIClient, study: Study, values: dict[str, Any]) -> Any:
    sent = {"subject": str(study.subject.pk), "form": study.form.key, "base_revision": 0, "values": values}
    return client.post(f"{ROOT}/entries/", sent, format="json")


def test_import_over_rest(world: World, api_of: ApiOf) -> None:
    """A dictionary is imported and published in one call; a second call makes the next version."""
    sent = {"project": world.project.slug, "title": "Visite", "dictionary": SimpleUploadedFile("v.csv", DICTIONARY)}
    answer = api_of("owner").post(f"{ROOT}/forms/import/", sent, format="multipart")
    assert answer.status_code == 201
    assert answer.data["number"] == 1
    assert answer.data["definition"]["pages"][0]["key"] == "visite"
    changed = SimpleUploadedFile("v.csv", DICTIONARY.replace(b"Poids", b"Masse"))
    sent = {"project": world.project.slug, "form": "visite", "dictionary": changed}
    assert api_of("owner").post(f"{ROOT}/forms/import/", sent, format="multipart").data["number"] == 2


def test_broken_import_over_rest(world: World, api_of: ApiOf) -> None:
    """A broken dictionary answers 422 with every fault, by row and column."""
    broken = SimpleUploadedFile("v.csv", DICTIONARY.replace(b"radio", b"hologram").replace(b"dropdown", b"drop"))
    sent = {"project": world.project.slug, "title": "Visite", "dictionary": broken}
    answer = api_of("owner").post(f"{ROOT}/forms/import/", sent, format="multipart")
    assert answer.status_code == 422
    assert [(fault["place"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("row 5, Field Type", "unknown_field_type"),
        ("row 13, Field Type", "unknown_field_type"),
    ]
    assert not Form.objects.exists()


def test_unchanged_import_over_rest(study: Study, api_of: ApiOf) -> None:
    """A dictionary that says nothing new answers 409 and leaves no draft behind."""
    unchanged = SimpleUploadedFile("visit.csv", DICTIONARY)
    sent = {"project": study.world.project.slug, "form": study.form.key, "dictionary": unchanged}
    assert api_of("owner").post(f"{ROOT}/forms/import/", sent, format="multipart").status_code == 409
    assert not Draft.objects.exists()


def test_a_record_over_rest(study: Study, api_of: ApiOf) -> None:
    """Begin, read, change, complete: numbers are taken as numbers, computed values and remarks come with the record."""
    client = api_of("member")
    made = begin(client, study, {"weight": 80, "height": 160, "sex": 1})
    assert made.status_code == 201
    assert made.data["computed"] == {}
    assert made.data["values"]["bmi"] == "31.3"
    assert [finding["place"] for finding in made.data["findings"]] == ["visit_date", "status"]
    address = f"{ROOT}/entries/{made.data['id']}/"
    sent = {"base_revision": 1, "values": {"visit_date": "2026-01-05"}, "complete": {"visite": True}}
    changed = client.patch(address, sent, format="json")
    assert changed.data["revision"] == 2
    assert changed.data["pages"]["visite"]["complete"] is True
    read = client.get(address)
    assert read.data["values"]["visit_date"] == "2026-01-05"
    history = client.get(f"{address}history/").data
    assert history[-1]["revision"] == 1
    assert Event.objects.filter(action="ecrf.entry_read").count() == 1


def test_problems_over_rest(study: Study, api_of: ApiOf) -> None:
    """Wrong values are 422 with their places, an old revision is 409, a locked record too."""
    client = api_of("member")
    refused = begin(client, study, {"weight": "x", "nobody": 1})
    assert refused.status_code == 422
    assert {(fault["place"], fault["code"]) for fault in refused.json()["errors"]} == {
        ("weight", "not_number"),
        ("nobody", "unknown_variable"),
    }
    address = f"{ROOT}/entries/{begin(client, study, {'weight': 80}).data['id']}/"
    late = client.patch(address, {"base_revision": 0, "values": {"weight": 81}}, format="json")
    assert late.status_code == 409
    assert late.json()["type"].endswith("stale")
    older = client.patch(address, {"base_revision": 1, "values": {"weight": 81}, "version": 7}, format="json")
    assert older.status_code == 409
    assert older.json()["type"].endswith("version")
    assert api_of("owner").post(f"{address}lock/", {}, format="json").status_code == 200
    locked = client.patch(address, {"base_revision": 1, "values": {"weight": 81}}, format="json")
    assert locked.json()["type"].endswith("locked")


def test_lists_hold_no_values(study: Study, api_of: ApiOf) -> None:
    """Lists tell how far records are, never what is in them; a site's member sees his site."""
    begin(api_of("member"), study, {"name": "Guivarch"})
    answer = api_of("owner").get(f"{ROOT}/entries/?project={study.world.project.slug}")
    assert answer.json()["results"][0]["subject"] == "BRO-001"
    assert "Guivarch" not in answer.content.decode()
    assert api_of("other_site").get(f"{ROOT}/entries/").json()["results"] == []
    numbers = [row["number"] for row in api_of("other_site").get(f"{ROOT}/subjects/").json()["results"]]
    assert numbers == ["KER-001"]


def test_including_over_rest(study: Study, api_of: ApiOf) -> None:
    """A subject is included at a site of one's own; another site isn't there."""
    sent = {"project": study.world.project.slug, "site": "BRO"}
    assert api_of("member").post(f"{ROOT}/subjects/", sent, format="json").data["number"] == "BRO-002"
    assert api_of("other_site").post(f"{ROOT}/subjects/", sent, format="json").status_code == 404


def test_export_over_rest(study: Study, api_of: ApiOf) -> None:
    """An export is a job whose result names the dataset's version."""
    begin(api_of("member"), study, {"weight": 80})
    answer = api_of("owner").post(f"{ROOT}/forms/{study.form.pk}/export/", {}, format="json")
    assert answer.status_code == 202
    jobs.run_waiting()
    job = Job.objects.get(pk=answer.data["id"])
    assert (job.state, job.result["rows"]) == ("done", 1)
    assert Entry.objects.count() == 1
