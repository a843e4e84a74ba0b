"""Imports, numbers and arms over REST and on their pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.access.demo import World
from core.audit.models import Event
from core.jobs import run_waiting
from ecrf import services
from ecrf.engine import Sheet
from ecrf.models import DataImport, Entry, Subject
from tests.ecrf import visits

CONTENT = b"subject,event,weight,lactate\nBRO-001,inclusion,80,2\n"


@pytest.fixture
def subject(world: World) -> Subject:
    visits.publish(world)
    return services.include_subject(world.user["member"], world.site_a)


def sent(world: World, content: bytes = CONTENT, **more: str) -> dict[str, Any]:
    file = SimpleUploadedFile("reprise.csv", content, content_type="text/csv")
    return {"project": world.project.slug, "form": "essai", "file": file, **more}


def test_an_import_over_rest(world: World, subject: Subject, api_of: Any) -> None:
    """Sent, tried by a job, told with every cell, confirmed, undone: each with its own call."""
    api = api_of("owner")
    answer = api.post(reverse("api:ecrf:data-import-list"), sent(world, unknown_subjects="refuse"), format="multipart")
    assert (answer.status_code, answer.data["state"]) == (202, "checking")
    run_waiting()
    address = reverse("api:ecrf:data-import-detail", args=[answer.data["id"]])
    told = api.get(address).data
    assert (told["state"], told["format"], told["counts"]["entries_new"], told["faults"]) == ("ready", "csv", 1, [])
    assert api.post(f"{address}confirm/").status_code == 202
    run_waiting()
    assert Entry.objects.get().values["weight"] == "80"
    assert api.post(f"{address}confirm/").status_code == 409
    assert api.post(f"{address}undo/", {"reason": "Essai"}, format="json").status_code == 202
    run_waiting()
    assert api.get(address).data["state"] == "undone"
    acts = set(Event.objects.filter(action__startswith="ecrf.import").values_list("action", flat=True))
    assert acts == {f"ecrf.import_{act}" for act in ("begun", "checked", "saved", "undone")}


def test_wrong_cells_over_rest_and_as_a_file(world: World, subject: Subject, api_of: Any, client_of: Any) -> None:
    """Row, column, code and words; the file of them can be opened in a spreadsheet without running anything."""
    wrong = CONTENT.replace(b",80,", b",=1+1,")
    answer = api_of("owner").post(reverse("api:ecrf:data-import-list"), sent(world, wrong), format="multipart")
    run_waiting()
    told = api_of("owner").get(reverse("api:ecrf:data-import-detail", args=[answer.data["id"]])).data
    assert [(one["row"], one["column"], one["code"]) for one in told["faults"]] == [(2, "weight", "not_number")]
    page = client_of("owner").get(reverse("ecrf:data_import_faults", args=[world.project.slug, answer.data["id"]]))
    assert page.content.decode("utf-8-sig").splitlines()[1].startswith("error,2,weight,not_number,")


def test_what_is_no_format_is_said(world: World, subject: Subject, api_of: Any) -> None:
    """A file of which no format can be told is a fault of the file, not a failure."""
    address = reverse("api:ecrf:data-import-list")
    answer = api_of("owner").post(address, sent(world, b"nothing;here\n1;2\n"), format="multipart")
    run_waiting()
    assert DataImport.objects.get(pk=answer.data["id"]).report["faults"][0]["code"] == "format_not_told"  # type: ignore[index]
    for data in (sent(world, format="paper"), sent(world, empty="perhaps"), sent(world, site="NOWHERE")):
        assert api_of("owner").post(address, data, format="multipart").status_code == 422


@pytest.mark.parametrize(("who", "status"), [("member", 404), ("monitor", 404), ("stranger", 404)])
def test_others_see_no_import(world: World, subject: Subject, api_of: Any, who: str, status: int) -> None:
    """An import holds data of every site: it is seen by who may import."""
    answer = api_of("owner").post(reverse("api:ecrf:data-import-list"), sent(world), format="multipart")
    assert api_of(who).get(reverse("api:ecrf:data-import-detail", args=[answer.data["id"]])).status_code == status


def test_numbers_over_rest(world: World, subject: Subject, api_of: Any) -> None:
    """The rule is looked at, settled and used; a wrong one is refused with everything that is wrong."""
    api = api_of("owner")
    rule = {"project": world.project.slug, "pattern": "S{sequence:04}", "per": "study"}
    assert api.post(reverse("api:ecrf:numbering-rule-preview"), rule, format="json").data["numbers"][0] == "S0001"
    assert api.post(reverse("api:ecrf:numbering-rule-list"), rule, format="json").status_code == 201
    asked = {"project": world.project.slug, "site": "BRO"}
    assert api.post(reverse("api:ecrf:subject-list"), asked, format="json").data["number"] == "S0001"
    wrong = api.post(reverse("api:ecrf:numbering-rule-list"), {**rule, "pattern": "S"}, format="json")
    assert wrong.status_code == 422
    assert api_of("member").post(reverse("api:ecrf:numbering-rule-list"), rule, format="json").status_code == 403


def test_an_arm_over_rest(world: World, api_of: Any) -> None:
    """With a reason, audited; the records that are kept are named."""
    arms = [{"key": key, "title": visits.words(key, key)} for key in ("usual", "new")]
    first, second, during = visits.TRIAL["events"]
    form = visits.publish(
        world, {**visits.TRIAL, "arms": arms, "events": [first, {**second, "arms": ["usual"]}, during]}
    )
    who = services.include_subject(world.user["member"], world.site_a)
    entry = services.save_entry(world.user["member"], who, form, 0, {"weight": "80"}, sheet=Sheet("month_1")).entry
    address = reverse("api:ecrf:subject-arm", args=[who.pk])
    answer = api_of("owner").post(address, {"arm": "new", "reason": "Erreur"}, format="json")
    assert answer.data == {"arm": "new", "entries_kept": [entry.pk]}
    told = Event.objects.get(action="ecrf.arm_set")
    assert (told.reason, told.details["arm"], told.details["entries_kept"]) == ("Erreur", "new", 1)
    assert api_of("owner").post(address, {"arm": "other", "reason": "Erreur"}, format="json").status_code == 422
