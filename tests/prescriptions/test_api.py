"""The REST resources: structure without keeping, prescriptions, lines, export; limits and refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.access.demo import World
from core.api.services import create_token
from core.audit.models import Event
from core.jobs.models import Job
from prescriptions.models import Document, Line
from tests.prescriptions.conftest import TEXT

ApiOf = Callable[[str], APIClient]


def address(name: str, *args: object) -> str:
    return reverse(f"api:prescriptions:{name}", args=args)


def test_structure_keeps_nothing(world: World, api_of: ApiOf) -> None:
    """Lines with spans and evidence come back; the database holds no text, and the journal only counts."""
    answer = api_of("researcher").post(address("structure"), {"project": world.project.slug, "text": TEXT})
    assert answer.status_code == 200
    body = answer.json()
    assert body["reference"] == "starter"
    assert body["document"] == {"date": "2026-11-12", "patientBirthDate": "1961-05-04"}
    first = body["lines"][0]
    assert TEXT[first["start"] : first["end"]] == first["text"]
    assert first["medication"]["dosage"][0]["timing"] == {"when": ["MORN", "EVE"], "bounds": {"value": 5, "unit": "d"}}
    assert all(TEXT[item["start"] : item["end"]] == item["text"] for item in first["evidence"])
    assert not Document.objects.exists()
    assert Event.objects.get(action="prescriptions.text_structured").details == {
        "characters": len(TEXT),
        "lines": 2,
        "reference": "starter",
    }


def test_what_is_refused(world: World, api_of: ApiOf) -> None:
    """Too long, empty, no project: 422 with the place of each fault."""
    client = api_of("researcher")
    for body, place in (({"project": world.project.slug, "text": "x" * 20_001}, "text"),
        ({"project": world.project.slug, "text": ""}, "text"),
                        ({"project": "nowhere", "text": TEXT}, "project"), ({"text": TEXT}, "project")):  # fmt: skip
        answer = client.post(address("structure"), body)
        assert answer.status_code == 422
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["errors"][0]["place"] == place


def test_a_prescription_from_text_to_dataset(world: World, api_of: ApiOf) -> None:
    """Keep, read, correct, settle, finish, export: the whole review over REST."""
    client = api_of("owner")
    made = client.post(address("document-list"), {"project": world.project.slug, "text": TEXT}).json()
    assert [line["reading"]["medication"]["name"] for line in made["lines"]] == ["DOLIPRANE", "SERESTA"]
    assert client.post(address("document-finish", made["id"])).status_code == 422
    line = made["lines"][0]["id"]
    assert (
        client.post(
            address("line-correct", line), {"field": "dosage.0.dose", "words": "rien", "revision": 0}
        ).status_code
        == 422
    )
    corrected = client.post(
        address("line-correct", line), {"field": "dosage.0.dose", "words": "2 cp", "revision": 0}
    ).json()
    assert corrected["reading"]["medication"]["dailyDose"] == {"1|comprimé": [4, 4]}
    assert client.post(address("line-settle", line), {"state": "validated", "revision": 0}).status_code == 409
    client.post(address("line-settle", line), {"state": "validated", "revision": 1})
    client.post(address("line-settle", made["lines"][1]["id"]), {"state": "rejected", "revision": 0})
    assert client.post(address("document-finish", made["id"])).json()["status"] == "reviewed"
    listed = client.get(address("document-list"), {"project": world.project.slug}).json()["results"]
    assert [(each["number"], each["status"]) for each in listed] == [(1, "reviewed")]
    assert "text" not in listed[0]
    answer = client.post(address("export"), {"project": world.project.slug})
    assert answer.status_code == 202
    assert Job.objects.get(pk=answer.json()["job"]).task == "prescriptions.export_lines"
    assert client.delete(address("document-detail", made["id"])).status_code == 204
    assert client.get(address("document-detail", made["id"])).status_code == 404
    assert client.post(address("document-restore", made["id"])).status_code == 200


def test_reading_is_recorded(world: World, api_of: ApiOf, document: Document, line: Line) -> None:
    """Who reads a prescription or one of its lines is in the journal."""
    client = api_of("researcher")
    client.get(address("document-detail", document.pk))
    client.get(address("line-detail", line.pk))
    assert Event.objects.filter(action="prescriptions.document_read").count() == 2


def test_a_token_does_what_it_was_made_for(world: World, document: Document) -> None:
    """A token for reading reads, and can't write."""
    owner = world.user["owner"]
    _token, secret = create_token(
        owner, world.project, "reader", ["prescriptions.read_documents"], timezone.now() + timedelta(days=1)
    )
    client = APIClient(headers={"Authorization": f"Bearer {secret}"})
    assert client.get(address("document-detail", document.pk)).status_code == 200
    assert client.post(address("structure"), {"project": world.project.slug, "text": TEXT}).status_code in (403, 422)
    assert client.post(address("document-reopen", document.pk)).status_code == 403
