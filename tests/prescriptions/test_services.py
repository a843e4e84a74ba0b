"""The use cases: structure, correct, validate, finish, delete, bring back; who may, and what the journal says."""

from __future__ import annotations

import pytest
from django.db import connection

from core import access
from core.access.demo import World
from core.audit.models import Event
from core.errors import Conflict, Invalid
from prescriptions import demo, queries, services
from prescriptions.engine import wording
from prescriptions.models import Document, Line
from prescriptions.services.documents import LONGEST
from tests.prescriptions.conftest import TEXT


def settle_all(world: World, document: Document, state: str = Line.State.VALIDATED) -> None:
    for line in queries.lines_of(document):
        services.settle_line(world.user["researcher"], line, state, line.revision)


def test_a_text_becomes_lines(document: Document) -> None:
    """Lines wait for review in their order; what is no medicine is kept beside them."""
    first, second = queries.lines_of(document)
    assert first.read.medication.name == "DOLIPRANE"
    assert wording.posology(first.read.medication) == "1 comprimé matin et soir, pendant 5 jours, si douleur"
    assert (first.state, second.uncertain) == (Line.State.WAITING, 1)
    assert document.reading["document"] == {"date": "2026-11-12", "patientBirthDate": "1961-05-04"}
    assert {"stopped", "other", "patient"} <= {passage["kind"] for passage in document.reading["passages"]}


def test_numbers_follow_each_other(world: World, document: Document) -> None:
    """Prescriptions are numbered in their project, deleted ones included."""
    services.delete_document(world.user["researcher"], document)
    assert services.structure_text(world.user["owner"], world.project, TEXT).number == document.number + 1


def test_nothing_lies_clear_in_the_database(document: Document) -> None:
    """Neither the text nor a medicine's name is readable in any row of the tool, nor in the journal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(d)::text FROM prescriptions_document d UNION ALL "
            "SELECT row_to_json(l)::text FROM prescriptions_line l"
        )
        rows = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT row_to_json(e)::text FROM audit_event e")
        journal = " ".join(row[0] for row in cursor.fetchall())
    for secret in ("DOLIPRANE", "FICTIF", "SERESTA", "douleur"):
        assert secret not in rows
        assert secret not in journal
        assert secret.encode().hex() not in rows


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (LONGEST + 1), "DOLIPRANE\x00"])
def test_what_is_no_prescription_is_refused(world: World, text: str) -> None:
    """Empty, endless or binary text is refused in words, and nothing is kept."""
    with pytest.raises(Invalid):
        services.structure_text(world.user["researcher"], world.project, text)
    assert not Document.objects.exists()


def test_line_ends_of_all_systems(world: World) -> None:
    """Places count characters of the text as it is kept, whatever ends its lines."""
    document = services.structure_text(world.user["owner"], world.project, TEXT.replace("\n", "\r\n"))
    line = queries.lines_of(document)[0].read
    assert document.text[line.start : line.end] == line.text


def test_a_correction(world: World, line: Line) -> None:
    """A correction is read by the grammar, counted, signed and recorded; a validated line waits again."""
    services.settle_line(world.user["researcher"], line, Line.State.VALIDATED, 0)
    corrected = services.correct_line(world.user["owner"], line, "dosage.0.dose", "1/2 cp", 0)
    assert wording.posology(corrected.read.medication).startswith("1/2 comprimé matin et soir")
    assert (corrected.revision, corrected.state, corrected.corrected_by) == (1, Line.State.WAITING, world.user["owner"])
    event = Event.objects.filter(action="prescriptions.line_corrected").get()
    assert event.details == {"line": 1, "field": "dosage.0.dose", "revision": 1}


def test_words_that_say_nothing_are_refused(world: World, line: Line) -> None:
    """What isn't understood changes nothing, and the answer says what to write."""
    with pytest.raises(Invalid) as refused:
        services.correct_line(world.user["owner"], line, "dosage.0.dose", "comme d’habitude", 0)
    assert refused.value.faults[0].place == "dosage.0.dose"
    line.refresh_from_db()
    assert line.revision == 0
    for field in ("price", "dosage.9.dose", ""):
        with pytest.raises(Invalid):
            services.correct_line(world.user["owner"], line, field, "1 cp", 0)


def test_two_people_at_once(world: World, line: Line) -> None:
    """Who reads an old revision can neither correct nor validate on top of the new one."""
    services.correct_line(world.user["owner"], line, "dosage.0.dose", "2 cp", 0)
    with pytest.raises(Conflict):
        services.correct_line(world.user["researcher"], line, "dosage.0.dose", "3 cp", 0)
    with pytest.raises(Conflict):
        services.settle_line(world.user["researcher"], line, Line.State.VALIDATED, 0)


def test_a_review_ends_when_every_line_is_settled(world: World, document: Document) -> None:
    """Each line is validated or set aside first; then nothing changes until the review is reopened."""
    with pytest.raises(Invalid) as refused:
        services.validate_document(world.user["researcher"], document)
    assert [fault.place for fault in refused.value.faults] == ["lines.1", "lines.2"]
    settle_all(world, document)
    document = services.validate_document(world.user["researcher"], document)
    assert document.status == Document.Status.REVIEWED
    with pytest.raises(Conflict):
        services.correct_line(world.user["owner"], queries.lines_of(document)[0], "form", "gélule", 0)
    document = services.reopen_document(world.user["researcher"], document)
    services.settle_line(world.user["owner"], queries.lines_of(document)[0], Line.State.REJECTED, 0)
    assert document.status == Document.Status.DRAFT


def test_deleted_and_brought_back(world: World, document: Document) -> None:
    """A deleted prescription is in no list and takes no change, until it is brought back whole."""
    owner = world.user["owner"]
    services.delete_document(owner, document)
    assert not queries.documents_of(owner, world.project).exists()
    assert queries.documents_of(owner, world.project, deleted=True).get() == document
    with pytest.raises(Conflict):
        services.validate_document(owner, document)
    services.restore_document(owner, document)
    assert queries.documents_of(owner, world.project).get().line_count == 2


@pytest.mark.parametrize("who", ["anonymous", "stranger", "member", "other_site", "monitor", "administrator"])
def test_nobody_else_may(world: World, document: Document, line: Line, who: str) -> None:
    """Every use case refuses those without the whole project, before it looks at anything."""
    from django.contrib.auth.models import AnonymousUser

    actor = world.user.get(who) or AnonymousUser()
    acts = [
        lambda: services.structure_text(actor, world.project, TEXT),
        lambda: services.structure_only(actor, world.project, TEXT),
        lambda: services.correct_line(actor, line, "dosage.0.dose", "2 cp", 0),
        lambda: services.settle_line(actor, line, Line.State.VALIDATED, 0),
        lambda: services.validate_document(actor, document),
        lambda: services.reopen_document(actor, document),
        lambda: services.delete_document(actor, document),
        lambda: services.restore_document(actor, document),
        lambda: services.start_export(actor, world.project),
    ]
    for act in acts:
        with pytest.raises(access.Refused):
            act()
    assert not Document.objects.visible_to(actor).exists()
    assert not Line.objects.visible_to(actor).exists()


def test_the_journal_tells_who_did_what(world: World, document: Document) -> None:
    """Structured, settled, reviewed, deleted, restored: each once, by its author, in its project."""
    researcher = world.user["researcher"]
    settle_all(world, document)
    services.validate_document(researcher, document)
    services.delete_document(researcher, document)
    services.restore_document(researcher, document)
    events = Event.objects.filter(action__startswith="prescriptions.").order_by("pk")
    assert {event.actor_id for event in events} == {researcher.pk}
    assert {event.project_id for event in events} == {world.project.pk}
    assert [event.action.partition(".")[2] for event in events] == [
        "document_structured", "line_validated", "line_validated", "document_reviewed", "document_deleted",
        "document_restored",
    ]  # fmt: skip


def test_the_demo(world: World) -> None:
    """Three fictitious prescriptions, one reviewed; loaded twice they are still three."""
    demo.load(world)
    demo.load(world)
    assert Document.objects.filter(project=world.project).count() == 3
    assert Document.objects.filter(status=Document.Status.REVIEWED).count() == 1
    assert queries.to_review(world.user["researcher"], world.project).count() == 2
    assert [hit.title for hit in queries.search(world.user["researcher"], "ordonnance 2")] == [
        str(Document.objects.get(number=2))
    ]
    assert queries.search(world.user["member"], "ordonnance 2") == []
