"""The pages of the plan de prise and of reconciliations: both languages, who may, what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.access.demo import World
from core.audit.models import Event
from core.errors import Conflict, Invalid
from prescriptions import services
from prescriptions.models import Document, Line, Reconciliation
from prescriptions.services.reconciliations import mark_of
from prescriptions.web.changes import LOOKS, opened
from tests.prescriptions.conftest import TEXT
from tests.prescriptions.test_services import settle_all

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]
LATER = """Le 20/11/2026
DOLIPRANE 1000 mg : 1 cp matin, midi et soir si douleur
SERESTA 50 : 1/2 cp le soir
AMOXICILLINE 1 g : 1 cp matin et soir pendant 7 jours
Arrêt : Seresta"""


@pytest.fixture
def later(world: World) -> Document:
    return services.structure_text(world.user["owner"], world.project, LATER)


def address(world: World, name: str, *args: object) -> str:
    return reverse(f"prescriptions:{name}", args=[world.project.slug, *args])


def speak(world: World, language: str) -> None:
    world.user["researcher"].language = language
    world.user["researcher"].save()


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", ("Mon plan de prise", "si douleur", "Soir")), ("en", ("My medicine plan", "1 tablet", "Evening"))],
)
def test_the_plan(world: World, client_of: ClientOf, document: Document, language: str, said: tuple[str, ...]) -> None:
    """In the reader's language, with the columns of the day; marked as a draft until the prescription is reviewed."""
    speak(world, language)
    client = client_of("researcher")
    page = client.get(address(world, "plan", document.pk)).content.decode()
    for words in said:
        assert words in page
    assert 'class="rxp-draft"' in page
    assert "À ne plus prendre" in page or language == "en"
    assert "RAMIPRIL" in page
    settle_all(world, document)
    services.validate_document(world.user["owner"], document)
    assert 'class="rxp-draft"' not in client.get(address(world, "plan", document.pk)).content.decode()
    assert Event.objects.filter(action="prescriptions.plan_made").count() == 2


def test_the_patients_language_and_first_day(world: World, client_of: ClientOf, document: Document) -> None:
    """Another language than the reader's, dates from the day that is given; a day that is none is said at its field."""
    speak(world, "fr")
    client = client_of("researcher")
    page = client.get(address(world, "plan", document.pk), {"lang": "en", "start": "2026-11-12"}).content.decode()
    assert '<article class="rxp" lang="en">' in page
    assert client.get(address(world, "plan", document.pk), {"start": "hier"}).status_code == 422
    paper = client.get(address(world, "plan_pdf", document.pk), {"lang": "en", "start": "2026-11-12"})
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    assert "DOLIPRANE" not in paper["Content-Disposition"]


def test_an_empty_plan(world: World, client_of: ClientOf) -> None:
    """A prescription without medicines has a page that says so."""
    document = services.structure_text(world.user["owner"], world.project, "Kinésithérapie : 10 séances")
    page = client_of("owner").get(address(world, "plan", document.pk))
    assert page.status_code == 200


def test_markup_in_a_name_is_words(world: World, client_of: ClientOf) -> None:
    """What was written as markup is text on the plan and in a comparison."""
    evil = '<script>alert(1)</script> 10 mg : 1 cp le soir si "><b>mal'
    document = services.structure_text(world.user["owner"], world.project, evil)
    other = services.structure_text(world.user["owner"], world.project, TEXT)
    client = client_of("owner")
    for url in (
        address(world, "plan", document.pk),
        f"{address(world, 'compare')}?before={document.pk}&after={other.pk}",
    ):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert '"><b>' not in page


# reconciliation -----------------------------------------------------------------------------------------------------


def decide(page: str, decision: str = "continue") -> dict[str, str]:
    """The hidden fields of the page, and one decision for each row."""
    fields = dict(re.findall(r'<input type="hidden" name="(before|after|seen|rows)" value="([^"]*)"', page))
    return fields | {f"decision-{place}": decision for place in range(int(fields["rows"]))}


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", ("Ordonnance 1", "Ordonnance 2")), ("en", ("Changed", "Added", "Same", "more each day"))],
)
def test_two_side_by_side(
    world: World, client_of: ClientOf, document: Document, later: Document, language: str, said: tuple[str, ...]
) -> None:
    """Each line with what became of it, both in words; what isn't reviewed is said."""
    speak(world, language)
    client = client_of("researcher")
    chosen = client.get(address(world, "compare")).content.decode()
    assert str(later.pk) in chosen
    page = client.get(address(world, "compare"), {"before": document.pk, "after": later.pk}).content.decode()
    for words in (*said, "AMOXICILLINE", "matin, midi et soir"):
        assert words in page, words
    assert Event.objects.filter(action="prescriptions.documents_compared").count() == 1


def test_decide_and_keep(world: World, client_of: ClientOf, document: Document, later: Document) -> None:
    """Undecided lines are refused with all that was entered; decided, they are kept with author, words and note."""
    client = client_of("researcher")
    page = client.get(address(world, "compare"), {"before": document.pk, "after": later.pk}).content.decode()
    fields = decide(page) | {"comment-0": "vu avec le patient", "note": "bilan d'entrée"}
    missing = {name: value for name, value in fields.items() if name != "decision-1"}
    refused = client.post(address(world, "compare"), missing)
    assert refused.status_code == 422
    assert "vu avec le patient" in refused.content.decode()
    assert not Reconciliation.objects.exists()
    answer = client.post(address(world, "compare"), fields)
    kept = Reconciliation.objects.get()
    assert answer["Location"] == kept.get_absolute_url()
    assert (kept.author, kept.before, kept.after, kept.number) == (world.user["researcher"], document, later, 1)
    found, decisions, note = opened(kept)
    assert {change.kind for change in found.changes} >= {"changed", "added", "same"}
    assert decisions[0] == ("continue", "vu avec le patient")
    assert note == "bilan d'entrée"
    shown = client.get(kept.get_absolute_url()).content.decode()
    assert "vu avec le patient" in shown
    assert client.get(address(world, "reconciliation_pdf", kept.pk)).content.startswith(b"%PDF")
    assert "DOLIPRANE" not in client.get(address(world, "reconciliations")).content.decode()


def test_what_was_kept_stays(world: World, document: Document, later: Document, line: Line) -> None:
    """A line that is corrected later, or a prescription that is deleted, changes nothing of a reconciliation."""
    owner = world.user["owner"]
    found = services.compare_documents(owner, document, later)
    kept = services.keep_reconciliation(
        owner, document, later, [("continue", "")] * len(found.changes), seen=mark_of(found)
    )
    services.correct_line(owner, line, "dosage.0.dose", "2 cp", 0)
    services.delete_document(owner, later)
    kept.refresh_from_db()
    assert opened(kept)[0] == found


def test_a_decision_holds_for_what_was_seen(world: World, document: Document, later: Document, line: Line) -> None:
    """Decisions on a comparison that has changed since are refused."""
    owner = world.user["owner"]
    found = services.compare_documents(owner, document, later)
    services.correct_line(owner, line, "dosage.0.dose", "2 cp", 0)
    with pytest.raises(Conflict):
        services.keep_reconciliation(owner, document, later, [("stop", "")] * len(found.changes), seen=mark_of(found))
    assert not Reconciliation.objects.exists()


def test_a_stale_page_is_shown_anew(world: World, client_of: ClientOf, document: Document, later: Document) -> None:
    """Whoever decided on an old comparison gets the new one, and why."""
    answer = client_of("owner").post(
        address(world, "compare"),
        {"before": document.pk, "after": later.pk, "seen": "old", "rows": "1", "decision-0": "stop"},
    )
    assert answer.status_code == 422
    assert "data-faults" in answer.content.decode()


def test_one_and_the_same(world: World, client_of: ClientOf, document: Document, later: Document) -> None:
    """A prescription isn't compared with itself: neither by the page nor in the database."""
    owner = world.user["owner"]
    with pytest.raises(Invalid):
        services.compare_documents(owner, document, document)
    page = client_of("owner").get(address(world, "compare"), {"before": document.pk, "after": document.pk})
    assert page.status_code == 422
    with pytest.raises(IntegrityError), transaction.atomic():
        Reconciliation.objects.create(
            project=world.project, number=1, author=owner, before=document, after=document, lines=0, content={}
        )


def test_over_rest(world: World, api_of: ApiOf, document: Document, later: Document) -> None:
    """Compare, decide, list, read; a stranger's prescription is 404."""
    client = api_of("researcher")
    pair = {"before": str(document.pk), "after": str(later.pk)}
    compared = client.post(reverse("api:prescriptions:reconciliation-compare"), pair).json()
    decisions = [{"decision": "continue"}] * len(compared["changes"])
    url = reverse("api:prescriptions:reconciliation-list")
    assert client.post(url, {**pair, "seen": "x", "decisions": decisions}).status_code == 409
    made = client.post(url, {**pair, "seen": compared["seen"], "decisions": decisions})
    assert made.status_code == 201
    assert client.post(url, {**pair, "seen": compared["seen"], "decisions": []}).status_code == 422
    detail = reverse("api:prescriptions:reconciliation-detail", args=[made.json()["id"]])
    assert client.get(detail).json()["content"]["decisions"][0]["decision"] == "continue"
    assert "content" not in client.get(url).json()["results"][0]
    stranger = api_of("stranger")
    assert stranger.get(detail).status_code == 404
    assert stranger.post(reverse("api:prescriptions:reconciliation-compare"), pair).status_code == 404


def test_every_kind_of_change_has_a_look() -> None:
    """Word, icon and colour for each; the icon's name is one of ours."""
    from prescriptions.engine.comparison.values import KINDS

    assert LOOKS.keys() == set(KINDS)
