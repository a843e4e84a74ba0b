"""The pages: list, paste, review workbench; each act in a browser, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from core.access.demo import World
from core.audit.models import Event
from core.portal import home
from prescriptions import engine, queries, services
from prescriptions.engine import grammar
from prescriptions.models import Document, Line
from prescriptions.web.fields import segments, shown
from prescriptions.web.kinds import KINDS, WHY
from tests.prescriptions.conftest import TEXT
from tests.prescriptions.test_cases import CASES
from tests.queries import queries_of

ClientOf = Callable[[str], Client]
HTMX = {"HX-Request": "true"}


def address(world: World, name: str, *args: object) -> str:
    return reverse(f"prescriptions:{name}", args=[world.project.slug, *args])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ("Ordonnance 1", "À relire", "Coller une ordonnance")),
        ("en", ("Prescription 1", "To review", "Paste a prescription")),
    ],
)
def test_list(world: World, client_of: ClientOf, document: Document, language: str, words: tuple[str, ...]) -> None:
    """The prescriptions with their state and what is to check in them, in the reader's language; none of their text."""
    world.user["researcher"].language = language
    world.user["researcher"].save()
    page = client_of("researcher").get(address(world, "home")).content.decode()
    for word in words:
        assert word in page
    assert "DOLIPRANE" not in page


def test_list_asks_few_questions(
    world: World, client_of: ClientOf, document: Document, django_assert_max_num_queries: object
) -> None:
    """Ten prescriptions ask the database no more than one does."""
    client = client_of("researcher")
    counts = []
    for _round in range(2):
        counts.append(queries_of(client, address(world, "home")))
        for _number in range(5):
            services.structure_text(world.user["owner"], world.project, TEXT)
    assert counts[0] == counts[1]


def test_paste(world: World, client_of: ClientOf) -> None:
    """A pasted text opens its review; an empty one is refused at its field; examples are offered."""
    client = client_of("researcher")
    page = client.get(address(world, "new")).content.decode()
    assert page.count("data-example=") == 3
    assert client.post(address(world, "new"), {"text": "  "}).status_code == 422
    assert client.post(address(world, "new"), {"text": "x" * 20_001}).status_code == 422
    answer = client.post(address(world, "new"), {"text": TEXT})
    assert answer.status_code == 302
    assert answer["Location"] == Document.objects.get().get_absolute_url()


def test_workbench(world: World, client_of: ClientOf, document: Document) -> None:
    """The text with its parts marked, each line with its fields, what is stopped, and the warning."""
    page = client_of("researcher").get(document.get_absolute_url()).content.decode()
    for word in ("DOLIPRANE", "N02BE01", "1 comprimé", "matin et soir", "5 jours", "si douleur", "RAMIPRIL",
        "dispositif médical",
                 'class="rx-mark rx-medicine', 'class="rx-mark rx-frequency',
                 "Le dosage n’a pas d’unité."):  # fmt: skip
        assert word in page, word
    assert Event.objects.filter(action="prescriptions.document_read", object_id=str(document.pk)).count() == 1


def test_no_health_data_in_titles_and_addresses(world: World, client_of: ClientOf, document: Document) -> None:
    """The page's title and address name the prescription by its number."""
    page = client_of("researcher").get(document.get_absolute_url()).content.decode()
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert "Ordonnance 1" in title
    assert "DOLIPRANE" not in title
    assert "doliprane" not in document.get_absolute_url().lower()


def test_what_is_pasted_is_shown_as_text(world: World, client_of: ClientOf) -> None:
    """Markup in a prescription is words, in the text, the fields and the name."""
    evil = '<script>alert(1)</script>\n<img src=x onerror=alert(1)> 10 mg : 1 cp "><b>le soir'
    document = services.structure_text(world.user["owner"], world.project, evil)
    page = client_of("owner").get(document.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert '"><b>' not in page


def test_correct_in_the_page(world: World, client_of: ClientOf, line: Line) -> None:
    """New words answer the card and the number of lines left; words not understood are kept, with why."""
    client = client_of("researcher")
    url = address(world, "correct", line.pk)
    good = client.post(url, {"field": "dosage.0.dose", "words": "2 cp", "revision": 0}, headers=HTMX)
    assert good.status_code == 200
    assert "2 comprimés" in good.content.decode()
    bad = client.post(url, {"field": "dosage.0.dose", "words": "beaucoup", "revision": 1}, headers=HTMX)
    assert bad.status_code == 422
    assert "beaucoup" in bad.content.decode()
    assert "Une dose est un nombre et une unité" in bad.content.decode()
    stale = client.post(url, {"field": "dosage.0.dose", "words": "3 cp", "revision": 0}, headers=HTMX)
    assert stale.status_code == 422
    assert "entre-temps" in stale.content.decode()
    assert (
        client.post(url, {"field": "dosage.0.dose", "words": "3 cp", "revision": "x"}, headers=HTMX).status_code == 422
    )


def test_review_without_scripts(world: World, client_of: ClientOf, document: Document) -> None:
    """Every act is a plain form: validate each line, finish, reopen, delete, bring back."""
    client = client_of("researcher")
    client.post(address(world, "finish", document.pk))
    document.refresh_from_db()
    assert document.status == Document.Status.DRAFT
    for line in Line.objects.filter(document=document):
        assert client.post(address(world, "settle", line.pk), {"state": "validated", "revision": 0}).status_code == 302
    client.post(address(world, "finish", document.pk))
    document.refresh_from_db()
    assert document.status == Document.Status.REVIEWED
    page = client.get(document.get_absolute_url()).content.decode()
    assert 'name="words"' not in page
    client.post(address(world, "reopen", document.pk))
    client.post(address(world, "delete", document.pk))
    assert client.get(document.get_absolute_url()).status_code == 404
    assert "Ordonnance 1" in client.get(address(world, "deleted")).content.decode()
    client.post(address(world, "restore", document.pk))
    assert client.get(document.get_absolute_url()).status_code == 200


def test_home_says_what_waits(world: World, document: Document) -> None:
    """The home page counts prescriptions to review for those who may, and for nobody else."""
    with override("en"):
        for who, count in (("researcher", 1), ("member", 0), ("stranger", 0)):
            cards = [
                each for each in home.cards_of(world.user[who], [world.project]) if each.tool.label == "prescriptions"
            ]
            assert [each.card.count for each in cards] == [1][:count]


def test_segments_are_the_whole_text(document: Document) -> None:
    """The segments joined are the text, character for character."""
    from prescriptions.queries import lines_of

    parts = segments(document.text, lines_of(document), document.reading["passages"])
    assert "".join(part.text for part in parts) == document.text
    assert {part.kind.key for part in parts if part.kind} >= {
        "medicine",
        "strength",
        "dose",
        "frequency",
        "duration",
        "need",
    }


def test_every_doubt_has_words() -> None:
    """Each reason that the engine may give is said in the reader's language, and each kind has a name and an icon."""
    from pathlib import Path

    from prescriptions.engine.grammar.draft import KIND_OF

    source = "".join(path.read_text() for path in Path(engine.__file__).parent.rglob("*.py"))
    for why in WHY:
        assert f'"{why}"' in source, f"the engine no longer says {why!r}"
    given = {item.why for case in CASES for item in engine.read_line(case["text"]).evidence}
    assert given - {""} <= WHY.keys()
    assert set(KIND_OF.values()) <= KINDS.keys()
    assert grammar.__doc__


def test_a_line_of_each_case_can_be_shown(world: World) -> None:
    """Whatever was read has a card."""
    for case in CASES[:40]:
        document = services.structure_text(world.user["owner"], world.project, case["text"])
        for line in Line.objects.filter(document=document).select_related("document__project"):
            assert shown(line).heads


def test_signs_that_look_like_digits(world: World, client_of: ClientOf, line: Line) -> None:
    """A raised digit is no number of a prescription: a search finds nothing, a revision is stale, neither fails."""
    client = client_of("researcher")
    assert client.get(address(world, "home"), {"q": "²"}).status_code == 200
    assert queries.search(world.user["researcher"], "²") == []
    corrected = {"field": "dosage.0.dose", "words": "2 cp", "revision": "²"}
    assert client.post(address(world, "correct", line.pk), corrected, headers=HTMX).status_code == 422
