"""Prescriptions leave as files and datasets: who may, what is in them, what the journal says."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from rest_framework.test import APIClient

from core import access, datasets
from core.access.demo import World
from core.audit.models import Event
from core.datasets.models import DatasetVersion
from core.errors import Invalid
from core.jobs import execution
from core.jobs.models import Job
from prescriptions import reference, services, shapes
from prescriptions.engine import linking, sharing
from prescriptions.engine.exchange import rules
from prescriptions.models import Document, Line
from tests.prescriptions.conftest import TEXT
from tests.prescriptions.test_services import settle_all

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]


@pytest.fixture
def reviewed(world: World, document: Document) -> Document:
    settle_all(world, document)
    return services.validate_document(world.user["owner"], document)


def address(world: World, name: str, *args: object) -> str:
    return reverse(f"prescriptions:{name}", args=[world.project.slug, *args])


def test_fhir_of_a_reviewed_prescription(world: World, client_of: ClientOf, reviewed: Document) -> None:
    """A bundle that keeps all rules, names nobody, and is recorded with what left."""
    answer = client_of("researcher").get(address(world, "file", reviewed.pk, "fhir"))
    assert answer["Content-Type"].startswith("application/fhir+json")
    assert answer["Cache-Control"] == "no-store"
    bundle = json.loads(answer.content)
    assert [one for one in rules.check(bundle) if one.severity == "error"] == []
    assert "FICTIF" not in answer.content.decode()
    statuses = {entry["resource"].get("status") for entry in bundle["entry"]}
    assert statuses == {None, "active"}
    details = Event.objects.get(action="prescriptions.documents_exported").details
    assert details == {"format": "fhir", "documents": 1, "lines": 2, "unreviewed": 0}


def test_only_reviewed_ones_leave_unless_asked(world: World, client_of: ClientOf, document: Document) -> None:
    """An unreviewed prescription is refused; asked for, it leaves as a draft."""
    owner = world.user["owner"]
    with pytest.raises(Invalid):
        services.export_documents(owner, world.project, [document], "fhir")
    made = services.export_documents(owner, world.project, [document], "fhir", unreviewed=True)
    resources = [entry["resource"] for entry in json.loads(made.content)["entry"]]
    assert {one["status"] for one in resources if "status" in one} == {"draft"}
    assert client_of("owner").get(f"{address(world, 'file', document.pk, 'csv')}?unreviewed=1").status_code == 200


def test_lines_set_aside_do_not_leave(world: World, document: Document, line: Line) -> None:
    """What a person set aside is no medicine and is in no file."""
    owner = world.user["owner"]
    services.settle_line(owner, line, Line.State.REJECTED, 0)
    made = services.export_documents(owner, world.project, [document], "pn13", unreviewed=True)
    assert "DOLIPRANE" not in made.content.decode()
    assert "SERESTA" in made.content.decode()


def test_the_codes_of_a_chosen_product(world: World, document: Document, line: Line) -> None:
    """A product that a person chose gives its codes to FHIR and OMOP; a line without one is named, never guessed."""
    owner = world.user["owner"]
    _name, edition = reference.in_use()
    cis = linking.link_line(line.read, edition)[0].product.cis
    services.choose_product(owner, line, cis, 0)
    made = services.export_documents(owner, world.project, [document], "fhir", unreviewed=True)
    [first, second] = [entry["resource"] for entry in json.loads(made.content)["entry"][2:]]
    codes = [coding["code"] for coding in first["medicationCodeableConcept"]["coding"]]
    assert cis in codes
    assert rules.check(first) == []
    assert [one.rule for one in rules.check(second)] == ["fr-medication-code"]
    assert shapes.exposures([document])[0]["drug_source_value"] == cis


def test_a_dose_for_the_day_leaves_with_its_words(world: World) -> None:
    """Of « 2 cp/j » the file says in words that how it is shared isn't written."""
    owner = world.user["owner"]
    document = services.structure_text(owner, world.project, "DOLIPRANE 1 g : 2 cp/j pendant 5 jours")
    made = services.export_documents(owner, world.project, [document], "fhir", unreviewed=True)
    [dosage] = json.loads(made.content)["entry"][2]["resource"]["dosageInstruction"]
    assert dosage["additionalInstruction"] == [{"text": sharing.WORDS}]


def test_of_a_reviewed_one_only_what_was_validated_leaves(world: World, document: Document, line: Line) -> None:
    """A line that a person called illegible doesn't leave with the validated ones."""
    owner = world.user["owner"]
    settle_all(world, document)
    services.settle_line(owner, line, Line.State.UNREAD, 0)
    services.validate_document(owner, document)
    document.refresh_from_db()
    made = services.export_documents(owner, world.project, [document], "csv").content.decode()
    assert "SERESTA" in made
    assert "DOLIPRANE" not in made


def test_what_is_refused(world: World, reviewed: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown format, nothing at all, and too many for one file: each is said."""
    from prescriptions.services import exchange

    owner = world.user["owner"]
    for documents, form in (([reviewed], "xml"), ([], "csv")):
        with pytest.raises(Invalid):
            services.export_documents(owner, world.project, documents, form)
    monkeypatch.setattr(exchange, "MOST", 0)
    with pytest.raises(Invalid):
        services.export_documents(owner, world.project, [reviewed], "csv")
    with pytest.raises(Invalid):
        services.start_dataset(owner, world.project, "xml")


@pytest.mark.parametrize("who", ["anonymous", "stranger", "member", "other_site", "monitor", "administrator"])
def test_nobody_else_may(world: World, reviewed: Document, who: str) -> None:
    """Exports, plans, comparisons and reconciliations refuse whoever has not the whole project."""
    actor = world.user.get(who) or AnonymousUser()
    acts = [
        lambda: services.export_documents(actor, world.project, [reviewed], "fhir"),
        lambda: services.start_dataset(actor, world.project, "omop"),
        lambda: services.make_plan(actor, reviewed, "fr"),
        lambda: services.compare_documents(actor, reviewed, reviewed),
        lambda: services.keep_reconciliation(actor, reviewed, reviewed, [], seen=""),
    ]
    for act in acts:
        with pytest.raises(access.Refused):
            act()


def test_the_export_page(world: World, client_of: ClientOf, reviewed: Document) -> None:
    """Every format as a file and as a dataset; the selection of the list comes with its numbers."""
    client = client_of("researcher")
    page = client.get(address(world, "files")).content.decode()
    for value in ("file-fhir", "file-csv", "file-pn13", "data-fhir", "data-omop", "data-pn13"):
        assert f'value="{value}"' in page
    chosen = client.post(address(world, "files"), {"selected": [str(reviewed.pk), "nonsense"]}).content.decode()
    assert 'name="numbers" value="1"' in chosen


def test_files_of_a_selection(world: World, client_of: ClientOf, reviewed: Document) -> None:
    """Numbers and spans choose; what names no number is refused at its field; drafts are refused until asked for."""
    client = client_of("researcher")
    services.structure_text(world.user["owner"], world.project, TEXT)  # number 2, a draft
    url = address(world, "files")
    alone = client.post(url, {"numbers": "1", "form": "file-csv"})
    assert alone["Content-Type"].startswith("text/csv")
    assert alone.content.decode().count("DOLIPRANE") == 1
    assert client.post(url, {"numbers": "un", "form": "file-csv"}).status_code == 422
    assert client.post(url, {"numbers": "9-1", "form": "file-csv"}).status_code == 422
    assert client.post(url, {"numbers": "1-2", "form": "file-csv"}).status_code == 422
    both = client.post(url, {"numbers": "1-2", "form": "file-csv", "unreviewed": "on"})
    assert both.content.decode().count("DOLIPRANE") == 2
    assert client.post(url, {"numbers": "", "form": "file-fhir"}).status_code == 200
    assert client.post(url, {"numbers": "", "form": "data-omop"}).status_code == 302
    assert Job.objects.get().task == "prescriptions.export_dataset"


def test_the_table_speaks_the_readers_language(world: World, reviewed: Document) -> None:
    """French heads with semicolons, English ones with commas."""
    owner = world.user["owner"]
    with override("fr"):
        french = services.export_documents(owner, world.project, [reviewed], "csv").content.decode("utf-8-sig")
    with override("en"):
        english = services.export_documents(owner, world.project, [reviewed], "csv").content.decode("utf-8-sig")
    assert french.startswith("Ordonnance;Relue;")
    assert english.startswith("Prescription,Reviewed,")


@pytest.mark.parametrize(("form", "rows"), [("fhir", 1), ("pn13", 1), ("omop", 2)])
def test_datasets(world: World, reviewed: Document, form: str, rows: int) -> None:
    """Every reviewed prescription as a dataset: its rows, its columns with words, who exported it; done again, once."""
    owner = world.user["owner"]
    services.structure_text(owner, world.project, TEXT)  # a draft stays out
    job = services.start_dataset(owner, world.project, form)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.result
    version = DatasetVersion.objects.get()
    found = datasets.table(owner, version).to_pylist()
    assert len(found) == rows
    assert all(row["reviewed"] for row in found)
    assert list(found[0]) == shapes.SHAPES[form].schema.names
    assert version.sensitivity == "health"
    assert Event.objects.get(action="prescriptions.dataset_exported").details["rows"] == rows
    execution.again(job, ended_at=None, result=None)
    execution.execute(job.pk, threaded=False)
    assert DatasetVersion.objects.count() == 1


def test_omop_rows(world: World, reviewed: Document) -> None:
    """A line is a row of the CDM with its dates, days and source values; drafts come where they are asked for."""
    rows = shapes.exposures([reviewed])
    columns = ("drug_exposure_id", "person_id", "drug_source_value", "days_supply")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        (1001, 1, "DOLIPRANE 1000 mg", 5), (1002, 1, "SERESTA 50", None),
    ]  # fmt: skip
    assert str(rows[0]["drug_exposure_start_date"]) == "2026-11-12"
    assert str(rows[0]["drug_exposure_end_date"]) == "2026-11-16"


def test_over_rest(world: World, api_of: ApiOf, reviewed: Document, document: Document) -> None:
    """Files with their media types, the plan as JSON and PDF, a dataset as a job; a draft is 422 until asked for."""
    client = api_of("researcher")
    for form, media in (("fhir", "application/fhir+json"), ("csv", "text/csv"), ("pn13", "application/json")):
        answer = client.get(reverse(f"api:prescriptions:document-{form}", args=[reviewed.pk]))
        assert answer.status_code == 200, form
        assert answer["Content-Type"].startswith(media)
    draft = services.structure_text(world.user["owner"], world.project, TEXT)
    url = reverse("api:prescriptions:document-fhir", args=[draft.pk])
    assert client.get(url).status_code == 422
    assert client.get(url, {"unreviewed": "true"}).json()["entry"][2]["resource"]["status"] == "draft"
    plan = client.get(
        reverse("api:prescriptions:document-plan", args=[reviewed.pk]), {"lang": "en", "start": "2026-11-12"}
    ).json()
    assert (plan["language"], plan["start"], plan["toCheck"]) == ("en", "2026-11-12", False)
    assert plan["needs"][0]["name"] == "DOLIPRANE"
    paper = client.get(reverse("api:prescriptions:document-plan-pdf", args=[reviewed.pk]))
    assert paper.content.startswith(b"%PDF")
    refused = client.get(reverse("api:prescriptions:document-plan", args=[reviewed.pk]), {"start": "demain"})
    assert refused.status_code == 422
    asked = client.post(reverse("api:prescriptions:dataset"), {"project": world.project.slug, "form": "fhir"})
    assert asked.status_code == 202
