"""Forms and casebooks on paper: who gets what, at once or by a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core import files, jobs
from core.access.demo import World
from core.access.rules import Refused
from core.audit.models import Event
from core.files.models import StoredFile
from ecrf import rights, services
from ecrf.engine import Sheet
from ecrf.models import Printout
from ecrf.services import printing
from ecrf.services.page_rights import Line
from tests.ecrf import visits
from tests.ecrf.conftest import Study
from tests.ecrf.engine.paper.reading import text_of
from tests.ecrf.hidden import CANARIES, KEY, LABEL, VALUE, veiled

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/ecrf"
SEEN = {"visit_date": "2026-01-05", "sex": "1", "weight": "80.5", "height": "160", "name": "Guivarch", "note": "Calme"}


@pytest.fixture
def filled(study: Study) -> Study:
    """The subject at site A with a record, corrected once, and a query on it."""
    member = study.world.user["member"]
    services.save_entry(member, study.subject, study.form, 0, SEEN, complete={"visite": True})
    saved = services.save_entry(member, study.subject, study.form, 1, {"weight": "81"}, reason="Faute de frappe")
    services.open_query(study.world.user["monitor"], saved.entry, "Est-ce bien 81 ?", item="weight")
    return study


def address(study: Study, name: str, *args: Any) -> str:
    return reverse(f"ecrf:{name}", args=[study.world.project.slug, *args])


def casebook(study: Study, who: str, **options: Any) -> str:
    made = printing.print_casebook(study.world.user[who], study.subject, study.form, language="fr", **options)
    return text_of(made)


def test_a_casebook_from_its_page(filled: Study, client_of: ClientOf) -> None:
    """Who reads the records gets values, queries and, on demand, the history; the name only who may export it."""
    page = address(filled, "casebook", filled.subject.pk, filled.form.key)
    member = client_of("member")
    assert 'name="identifiers"' not in member.get(page).content.decode()
    assert 'name="identifiers"' in client_of("owner").get(page).content.decode()
    answer = member.post(page, {"history": "on"})
    text = text_of(answer.content)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "no-store")
    for said in ("BRO-001", "81 kg", "80,5 kg", "Faute de frappe", "Est-ce bien 81 ?", "sont omises"):
        assert said in text, said
    assert "Guivarch" not in text
    assert member.post(page, {"identifiers": "on"}).status_code == 403
    assert "Guivarch" in text_of(client_of("owner").post(page, {"identifiers": "on"}).content)
    assert client_of("other_site").get(page).status_code == 404
    told = Event.objects.filter(action="ecrf.casebook_printed").order_by("pk").last()
    assert told is not None
    assert (told.details["identifiers"], "Guivarch" in str(told.details)) == (True, False)


def test_pages_that_may_not_leave(filled: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that the reader may not export is left out and named; one without identities loses texts and days too."""

    def only(levels: Mapping[str, rights.ExportLevel]) -> None:
        monkeypatch.setattr(rights, "of", lambda *_: rights.PageRights(exports=levels))

    only({"visite": "none", "suivi": "full"})
    text = casebook(filled, "owner", identifiers=True, history=True)
    assert "81 kg" not in text
    assert "Omis pour ce lecteur" in text
    only({"visite": "deidentified", "suivi": "deidentified"})
    text = casebook(filled, "owner", identifiers=True, history=True)
    assert "81 kg" in text
    for kept_back in ("Guivarch", "Calme", "5 janv. 2026"):
        assert kept_back not in text, kept_back
    only({"visite": "coded"})
    text = casebook(filled, "owner", identifiers=True)
    assert ("Calme" in text, "Guivarch" in text) == (True, False)


def test_every_visit_of_a_trial(study: Study) -> None:
    """Visits, copies of pages and rows stand in the order of the study, with statuses and the signature."""
    member = study.world.user["member"]
    form = visits.publish(study.world)
    who = services.include_subject(member, study.world.site_a)
    saved = services.save_entry(
        member,
        who,
        form,
        0,
        {"weight": "70"},
        sheet=Sheet("inclusion"),
        notes={"lactate": {"status": "lost", "comment": "Tube cassé"}},
        complete={"exam": True},
    )
    services.sign(member, saved.entry, "exam", saved.entry.revision)
    services.save_entry(member, who, form, 0, {"term": "Fièvre"}, sheet=Sheet("during", "ae", 1))
    drugs = {"takes": "1", "drug": [{"name": "Paracétamol", "dose": "500"}]}
    services.save_entry(member, who, form, 0, drugs, sheet=Sheet("month_1"))
    text = text_of(printing.print_casebook(member, who, form, language="fr"))
    order = [text.rindex(said) for said in ("Prélèvement perdu", "J’ai vérifié", "Paracétamol", "Fièvre")]
    assert order == sorted(order)
    assert "Tube cassé" in text
    assert f"Signé par {member}" in text


def test_a_long_one_is_a_job(filled: Study, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long is set by a job; only who asked for it gets it, while he may, and for some days."""
    monkeypatch.setattr(printing, "MOST_RECORDS", 0)
    page = address(filled, "casebook", filled.subject.pk, filled.form.key)
    answer = client_of("member").post(page, {"language": "fr"})
    assert answer.status_code == 302
    jobs.run_waiting()
    held = Printout.objects.get()
    found = address(filled, "printout", held.pk)
    content = b"".join(client_of("member").get(found).streaming_content)  # type: ignore[attr-defined]
    assert "Cahier d’observation BRO-001" in text_of(content)
    assert client_of("owner").get(found).status_code == 404
    with pytest.raises(Refused):
        printing.open_printout(filled.world.user["owner"], held)
    assert printing.forget_printouts() == 0
    Printout.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert printing.forget_printouts() == 1
    assert StoredFile.objects.get(pk=held.file_id).erased_at is not None


def test_blank_forms(study: Study, client_of: ClientOf) -> None:
    """Who sees a form gets it empty, in each of its languages and in no other."""
    client = client_of("other_site")
    page = client.get(reverse("ecrf:form", args=[study.world.project.slug, study.form.key])).content.decode()
    link = address(study, "blank_form", study.form.key, "fr")
    assert link in page
    answer = client.get(link)
    assert "Poids" in text_of(answer.content)
    assert client.get(address(study, "blank_form", study.form.key, "de")).status_code == 404
    event = Event.objects.get(action="ecrf.form_printed")
    assert event.details["language"] == "fr"


def test_papers_over_rest(filled: Study, api_of: ApiOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same papers over REST, refused to the same people."""
    member = api_of("member")
    assert "Poids" in text_of(member.get(f"{ROOT}/forms/{filled.form.pk}/blank/?language=fr").content)
    asked = {"form": filled.form.key, "language": "fr"}
    book = f"{ROOT}/subjects/{filled.subject.pk}/casebook/"
    assert "81 kg" in text_of(member.post(book, asked, format="json").content)
    assert member.post(book, {**asked, "identifiers": True}, format="json").status_code == 403
    assert member.post(book, {"form": "nothing"}, format="json").status_code == 404
    monkeypatch.setattr(printing, "MOST_RECORDS", 0)
    assert member.post(book, asked, format="json").status_code == 202
    jobs.run_waiting()
    held = Printout.objects.get()
    content = b"".join(member.get(f"{ROOT}/printouts/{held.pk}/").streaming_content)  # type: ignore[attr-defined]
    with files.open(held.file) as kept:
        assert content == kept.read()
    assert api_of("owner").get(f"{ROOT}/printouts/{held.pk}/").status_code == 404


def test_hidden_pages_are_on_no_paper(world: World) -> None:
    """Of a page that somebody doesn't read there is nothing on his papers, not even that it was left out."""
    study = veiled(world)
    owner, member = world.user["owner"], world.user["member"]
    services.open_query(owner, study.entry, "Est-ce bien ça ?", item=KEY)

    def papers(who: Any) -> str:
        found = printing.print_casebook(who, study.subject, study.form, language="fr", history=True)
        return text_of(found) + text_of(printing.print_form(who, study.form, "fr"))

    assert LABEL in papers(member)
    study.hide()
    text = papers(member)
    for told in (*CANARIES, "Est-ce bien ça", "Omis pour"):
        assert told not in text, told
    assert "70" in text
    assert VALUE in papers(owner)


def test_sheets_of_hidden_pages_are_on_no_paper(study: Study) -> None:
    """A copy of a hidden page isn't even counted."""
    member, form = study.world.user["member"], visits.publish(study.world)
    who = services.include_subject(member, study.world.site_a)
    services.save_entry(member, who, form, 0, {"weight": "70"}, sheet=Sheet("inclusion"))
    services.save_entry(member, who, form, 0, {"term": "Fièvre"}, sheet=Sheet("during", "ae", 1))
    services.set_page_rights(study.world.user["owner"], form, [Line("none", person=str(member.pk), page="ae")])
    text = text_of(printing.print_casebook(member, who, form, language="fr"))
    assert ("70 kg" in text, "Événement" in text, "En cours" in text) == (True, False, False)
